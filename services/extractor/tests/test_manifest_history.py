"""What a push did to dependencies, on real repositories."""

import pytest
from builders import pushed_commits
from fakes.git_history import make_repository
from fakes.pubsub import FakePublisher

from devnexus.events.patterns_extracted import Manifest
from extractor.dependency_changes import dependency_changes
from extractor.extract import on_commit_pushed
from extractor.local_git import LocalGit
from extractor.manifests import manifest_of
from extractor.reading import Reader
from extractor.rule_set import load_rules

READER = Reader(load_rules())


@pytest.fixture
def pushed(tmp_path):
    def push(old, new):
        before, after = make_repository(tmp_path / "acme" / "api", [old, new])
        publisher = FakePublisher()
        event = pushed_commits(before, after)
        on_commit_pushed(event, source=LocalGit(tmp_path), reader=READER, publisher=publisher)
        return publisher.published[0]

    return push


def told(record):
    return sorted(
        (file.path, one.change, one.purl, one.before, one.after, one.line)
        for file in record.files
        for one in file.dependency_changes
    )


def test_a_push_tells_what_was_added_removed_upgraded_and_downgraded(pushed):
    record = pushed(
        {"requirements.txt": "flask==2.0\nredis==5\nhttpx==0.27\nsix\n"},
        {"requirements.txt": "flask==3.0\nredis==4.6\nhttpx==0.27.0\ntenacity\n"},
    )
    assert told(record) == [
        ("requirements.txt", "added", "pkg:pypi/tenacity", "", "", 4),
        ("requirements.txt", "changed", "pkg:pypi/httpx", "==0.27", "==0.27.0", 3),
        ("requirements.txt", "downgraded", "pkg:pypi/redis", "==5", "==4.6", 2),
        ("requirements.txt", "removed", "pkg:pypi/six", "", "", None),
        ("requirements.txt", "upgraded", "pkg:pypi/flask", "==2.0", "==3.0", 1),
    ]


def test_a_new_manifest_adds_and_a_removed_one_removes(pushed):
    record = pushed(
        {"a/go.mod": "module a\nrequire x.org/y v1.2.3\n"}, {"a/go.mod": None, "Gemfile": "gem 'puma'\n"}
    )
    assert told(record) == [
        ("Gemfile", "added", "pkg:gem/puma", "", "", 1),
        ("a/go.mod", "removed", "pkg:golang/x.org/y", "v1.2.3", "", None),
    ]


def test_a_manifest_that_moves_changes_nothing(pushed):
    content = "".join(f"package{n}==1\n" for n in range(30))
    assert (
        told(pushed({"requirements.txt": content}, {"requirements.txt": None, "a/requirements.txt": content}))
        == []
    )


def test_what_cannot_be_read_on_one_side_is_no_change(pushed):
    assert told(pushed({"package.json": "{"}, {"package.json": '{"dependencies": {"a": "1"}}'})) == []


def test_a_secret_in_an_old_manifest_is_in_no_record(pushed):
    key = "AKIA" + "IOSFODNN7EXAMPLE"
    old = {"package.json": '{"dependencies": {"a": "AKI\\u0041' + key[4:] + '"}}'}
    record = pushed(old, {"package.json": '{"dependencies": {}}'})
    assert [one[1] for one in told(record)] == ["removed"]
    assert key not in record.model_dump_json()


def test_a_push_by_programs_alone_introduces_no_path(pushed, monkeypatch):
    monkeypatch.setattr("extractor.extract.is_bot", lambda author: True)
    record = pushed({"a": ""}, {"Dockerfile": "FROM x\n"})
    introduced = {
        row.kind: row.introduced for file in record.files for row in file.rows if row.rule == "container"
    }
    assert introduced == {"config": True, "path": False}


def test_indirect_dependencies_are_nobodys_change():
    def go_mod(version):
        return manifest_of("go.mod", f"module a\nrequire x.org/y {version} // indirect\n")

    assert dependency_changes(go_mod("v1.0.0"), go_mod("v2.0.0")) == ()
    assert dependency_changes(None, None) == dependency_changes(Manifest(ecosystem="gem"), None) == ()
