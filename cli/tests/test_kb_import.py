"""Files that are refused, and what the command says and leaves behind then."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner
from fakes.knowledge import make_store
from v2_files import failed_entry, v2_file

from devnexus.errors import Rejected
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.projection import read_projection
from devnexus_cli.kb import knowledge_file
from devnexus_cli.kb.import_file import import_repositories
from devnexus_cli.kb.knowledge_file import KnowledgeFile
from devnexus_cli.main import main

ENTRY = '{"problem_domain": "x", "analyzed_at": "2025-01-01T00:00:00", "commit_sha": "a"}'
DATES = '"created_at": "2025-01-01T00:00:00", "last_updated": "2025-01-01T00:00:00"'


def v2(repository='"latest_patterns": ' + ENTRY + ', "last_updated": "2025-01-01T00:00:00"', name="acme/api"):
    """A v2 file whose repository has this content, on line 4 from column 1."""
    return f'{{"schema_version": "2.0", {DATES},\n"repositories": {{\n"{name}": {{\n{repository}\n}}}}}}'


def v1(repository):
    return f'{{\n"repositories": {{"acme/api": {{\n{repository}\n}}}}}}'


REFUSED = {
    "truncated": (v2()[:-20], "4:118", "Unterminated string"),
    "nothing": ("", "1:1", "expected an object"),
    "a list": ("[]", "1:1", "expected an object"),
    "no knowledge base": ('{"a": 1}', "1:1", "no 'repositories'"),
    "repositories are a list": ('{"repositories": []}', "1:18", "expected an object"),
    "more behind the end": (v2() + "x", "5:", "more behind the end"),
    "not a number": (v2('"x": [1,\nNaN]'), "5:1", "NaN is not JSON"),
    "too large a number": (v2('"x": 1e999'), "4:6", "too large"),
    "a key twice": (v2('"x": {"a": 1,\n"a": 2}'), "5:1", "'a' stands twice"),
    "a repository twice": (v2().replace("}}}", '},\n"acme/api": {}}}'), "6:1", "stands twice"),
    "two spellings": (v2().replace("}}}", '},\n"Acme/API": {}}}'), "6:13", "one repository"),
    "half a surrogate": (v2('"x": ["fine",\n"\\ud800"]'), "5:1", "surrogate"),
    "a nesting bomb": (v2('"x": ' + "[" * 100_000 + "]" * 100_000), "4:", "nested more than 64 deep"),
    "nested too deeply": (v2('"x": ' + "[" * 80 + "]" * 80), "4:", "nested more than 64 deep"),
    "an endless number": (v2('"x": ' + "1" * 5000), "4:6", "integer string"),
    "a path as name": (v2(name="../../etc"), "3:14", "not <owner>/<name>"),
    "dots as name": (v2(name="acme/.."), "3:12", "not <owner>/<name>"),
    "a folder of git's as name": (v2(name="acme/.Git"), "3:14", "not <owner>/<name>"),
    "no owner": (v2(name="api"), "3:8", "not <owner>/<name>"),
    "a very long name": (v2(name="a/" + "b" * 300), "3:", "longer than 200"),
    "a newer version": ('{"repositories": {},\n"schema_version": "3.0"}', "2:19", "newer than this"),
    "a version that never was": ('{"repositories": {}, "schema_version": 2.0}', "1:40", "no version"),
    "v2 without its version": (v1(f'"latest_patterns": {ENTRY}'), "3:20", "schema_version"),
    "a wrong type": (v2(f'"latest_patterns": {ENTRY},\n"last_updated": []'), "5:17", "last_updated: "),
    "a wrong date": (
        v2(f'"latest_patterns": {ENTRY}, "last_updated": "2025-01-01",\n"history": [{ENTRY},\n'
           f'{ENTRY.replace("2025-01-01", "2025-13-01")}]'),
        "6:40", "repositories.acme/api.history.1.analyzed_at: Input should be a valid datetime"),
    "a missing field": (v2('"last_updated": "2025-01-01"'), "3:13", "latest_patterns: Field required"),
    "a repository that is a text": ('{"repositories": {\n"a/b": "x"}}', "2:8", "is an object"),
    "a wrong component": (
        v2().replace("\n", '"component_index": {"c": {}},\n', 1), "1:1", "component_index.c"),
    "v1 without any date": (v1('"patterns": []'), "3:13", "analyzed_at: there is no date"),
    "v1 with a bad date and none around it": (
        v1('"patterns": {"analyzed_at": "soon",\n"patterns": ["x"]}'), "3:29", "no date that can be read"),
    "v1 whose patterns are a number": (
        v1('"patterns": {"analyzed_at": "2025-01-01", "patterns": 7}'), "3:55", "must be a list"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_is_refused_with_place_and_reason(kind):
    text, place, reason = REFUSED[kind]
    with pytest.raises(Rejected) as refusal:
        KnowledgeFile(text.encode(), name="kb.json")
    assert str(refusal.value).startswith(f"kb.json:{place}")
    assert reason in str(refusal.value)
    assert str(refusal.value).endswith("Nothing was imported.")


def test_a_file_that_is_not_utf_8_is_refused():
    with pytest.raises(Rejected, match="kb.json:4: not UTF-8"):
        KnowledgeFile(v2().encode().replace(b'"x"', b'"\xff"'), name="kb.json")


def test_a_file_that_would_fill_the_memory_is_refused(monkeypatch):
    monkeypatch.setattr(knowledge_file, "MAX_VALUES", 10_000)
    with pytest.raises(Rejected, match="more than 10000 values"):
        KnowledgeFile(v2('"x": [' + "[],[]," * 5000 + "[]]").encode(), name="kb.json")
    monkeypatch.setattr(knowledge_file, "MAX_BYTES", 1000)
    with pytest.raises(Rejected, match="larger than"):
        KnowledgeFile(b" " * 1001, name="kb.json")


def test_hostile_text_is_refused_within_seconds():
    started = time.process_time()
    for text in ("[" * 5_000_000, '{"a":' * 2_000_000, v2('"x": ' + "[" * 60 + "[],[]," * 200_000 + "NaN")):
        with pytest.raises(Rejected):
            KnowledgeFile(text.encode(), name="kb.json")
    assert time.process_time() - started < 10


def run(*arguments, **more):
    return CliRunner().invoke(main, ["kb", *map(str, arguments)], **more)


def test_a_refused_file_writes_nothing(tmp_path):
    store, path = make_store(tmp_path / "kb.git"), tmp_path / "kb.json"
    content = v2_file(60, entries=1)
    list(content["repositories"].values())[-1]["last_updated"] = "yesterday"
    path.write_text(json.dumps(content, indent=2))
    head = store.head()
    result = run("import", "--knowledge", tmp_path / "kb.git", path)
    assert result.exit_code == 1
    assert "repositories.acme3/service-59.last_updated: Input should be a valid datetime" in result.stderr
    line = next(number for number, text in enumerate(path.read_text().split("\n"), 1) if "yesterday" in text)
    assert f"{path}:{line}:" in result.stderr
    assert store.head() == head


def test_a_file_goes_in_from_the_input_and_out_to_a_file(tmp_path):
    make_store(tmp_path / "kb.git")
    text, out = json.dumps(v2_file(3)), tmp_path / "out.json"
    place = ("--knowledge", tmp_path / "kb.git")
    would = run("import", *place, "--dry-run", "-", input=text).stdout
    did = run("import", *place, "-", input=text).stdout
    assert would.replace("Would import", "Imported") == did
    assert "3 repositories" in did and " 0 known already" in did
    again = run("import", *place, "-", input=text).stdout
    assert ": 0 records new" in again
    assert run("export", *place, "--format", "v2", "--output", out).exit_code == 0
    assert json.loads(out.read_text()) == v2_file(3) == json.loads(run("export", *place).stdout)


def test_a_failed_analysis_takes_nothing_away(tmp_path):
    content = v2_file(1)
    (repository,) = content["repositories"].values()
    repository["history"][-1]["patterns"] = ["Outbox"]
    failed = failed_entry("2028-01-01T00:00:00")
    repository.update(latest_patterns=failed, history=[*repository["history"], failed])
    store = make_store(tmp_path / "kb.git")
    list(import_repositories(KnowledgeFile(json.dumps(content).encode(), name="kb.json"), store))
    path = projection_path("acme0/service-0")
    page = read_projection(store.read([path], at=store.head())[path])
    assert page.latest_patterns.patterns == ("Outbox",)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path):
    make_store(tmp_path / "kb.git")
    text = "\ufeff" + json.dumps(v2_file(1))
    assert run("import", "--knowledge", tmp_path / "kb.git", "-", input=text).exit_code == 0


def test_an_export_goes_through_a_pipe_and_a_link_and_replaces_neither(tmp_path):
    make_store(tmp_path / "kb.git")
    place = ("--knowledge", tmp_path / "kb.git")
    pipe, link, file = tmp_path / "pipe", tmp_path / "link", tmp_path / "file"
    os.mkfifo(pipe)
    link.symlink_to(file)
    with ThreadPoolExecutor() as pool:
        read = pool.submit(pipe.read_bytes)
        assert run("export", *place, "--output", pipe).exit_code == 0
        assert json.loads(read.result(timeout=20))["schema_version"] == "2.0"
    assert pipe.is_fifo()
    assert run("export", *place, "--output", link).exit_code == 0
    assert link.is_symlink() and json.loads(file.read_bytes())["schema_version"] == "2.0"
