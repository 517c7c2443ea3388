"""`devnexus kb verify|log|show|forget` as an operator uses them, on a real knowledge base."""

import json
import subprocess
from datetime import UTC, datetime

import pytest
from builders import NOON, pushed, reading, record_of, repository, row, sha, snapshot_record
from click.testing import CliRunner
from fakes.knowledge import make_store

from devnexus.events import (
    KnowledgeImported,
    LessonLearned,
    RepositoryRegistered,
    RepositoryRemoved,
    RepositoryRenamed,
    RuntimeIssueReported,
)
from devnexus.git import run_git
from devnexus.knowledge.forgotten import read_forgotten
from devnexus.knowledge.history import record_line
from devnexus.knowledge.layout import METADATA_PATH, history_path, projection_path
from devnexus.knowledge.store import NO_LIMITS, CommitLimits
from devnexus.repository import Repository, id_of_name
from devnexus.state import create_tables, open_state
from devnexus_cli.kb.forgetting import find_target, forget
from devnexus_cli.kb.look_up import find_repository
from devnexus_cli.main import main
from extractor.claude.calls import Known
from extractor.claude.said import Said
from extractor.claude.sql_calls import SqlCalls
from extractor.claude.sql_tables import CLAUDE_TABLES
from extractor.claude.sql_waiting import SqlWaiting
from kb_writer.group_commit import Writer

API, SHOP = repository(), repository("acme/shop", 2)
PAGE, SHOP_PAGE = projection_path("acme/api"), projection_path("acme/shop")
DAY = history_path(API.id, NOON)
FIRST = record_of(pushed("0", "a", 0), reading("app.py", row(line=3, weight=0.8)))
SECOND = record_of(pushed("a", "b", 1), reading("app.py", row(line=4, weight=0.8)))
SHOPS = record_of(pushed("0", "s", 2, repository=SHOP), reading("shop.py", row(weight=0.8)))


def of_repository(kind, at_repository=API, minute=5, **fields):
    return kind(
        cause="live", repository=at_repository, at=pushed("a", "b", minute).pushed_at, asked_by="t", **fields
    )


def lesson(text="Set a timeout.", about=API):
    told = {"caller": "ada", "skill": "add_lesson_learned", "key": "1"}
    at = pushed("a", "b", 9).pushed_at
    return LessonLearned(
        cause="agent", repository=about, at=at, category="reliability", lesson=text, context="c", **told
    )


class Base:
    """A knowledge base that a real writer fills."""

    def __init__(self, path):
        self.path = path
        self.store = make_store(path)

    def write(self, *records):
        revision = Writer(self.store).group_commit(records).revision
        assert revision
        return revision

    def edit(self, files, message="a person's edit"):
        """What somebody commits by hand."""
        return self.store.commit(files, message=message, expected_head=self.store.head())

    def file(self, path, at=None):
        return self.store.read([path], at=at or self.store.head()).get(path)

    def devnexus(self, command, *words, answer=None):
        words = ["kb", command, *words, "--knowledge", str(self.path)]
        return CliRunner().invoke(main, words, input=answer)


@pytest.fixture
def base(tmp_path):
    base = Base(tmp_path / "knowledge.git")
    base.write(FIRST, SHOPS)
    base.write(SECOND)
    yield base
    base.store.close()


# verify


def test_what_the_writer_wrote_is_all_right(base):
    base.write(of_repository(RepositoryRegistered), lesson(), of_repository(RepositoryRemoved, SHOP))
    done = base.devnexus("verify")
    assert done.exit_code == 0, done.output
    assert "6 records in 2 repositories, all right" in done.stdout


def test_repositories_that_share_a_name_and_one_that_was_adopted_are_all_right(base):
    by_name = Repository(id=id_of_name("acme/api"), name="acme/api", default_branch="main")
    base.write(lesson(about=by_name), of_repository(RepositoryRegistered))
    base.write(record_of(pushed("0", "z", 3, repository=repository("acme/api", 7)), reading("z.py", row())))
    assert len(base.store.read(["history/"], at=base.store.head())) >= 4
    done = base.devnexus("verify")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({PAGE: b"{}\n"}, f"{PAGE}:1: is not what its history amounts to"),
        ({PAGE: None}, f"{PAGE}: is missing"),
        ({"repositories/acme/ghost.json": b"{}"}, "repositories/acme/ghost.json: is a page without history"),
        ({"history/github.com/1/notes.txt": b""}, "history/github.com/1/notes.txt: is no day"),
        ({METADATA_PATH: b'{"schema_version": "3.0"}'}, "metadata.json: has the schema_version '3.0'"),
        ({"vocabulary.yaml": b"aliases: 3\n"}, "vocabulary.yaml: "),
    ],
)
def test_a_foreign_edit_is_found_with_place_and_remedy(base, files, said):
    revision = base.edit(files)
    done = base.devnexus("verify")
    assert done.exit_code == 1
    assert said in done.stdout and "→" in done.stdout
    generated = any(path.startswith(("repositories/", "history/")) for path in files)
    assert (f"commit {revision[:12]}: somebody edited" in done.stdout) == generated


def line(record, **changes):
    """A record's line, changed as text may be changed by hand."""
    stored = json.loads(record_line(record))
    stored["data"].update(changes)
    return json.dumps(stored, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([record_line(FIRST), b"{"], f"{DAY}:2: "),
        (
            [record_line(FIRST), record_line(FIRST), record_line(SECOND)],
            f"{DAY}:2: record {FIRST.id} stands twice",
        ),
        (
            [record_line(SECOND), record_line(FIRST)],
            f"{DAY}:2: record {FIRST.id} must stand before {SECOND.id}",
        ),
        ([record_line(FIRST), b"", record_line(SECOND)], f"{DAY}:2: is empty"),
        (
            [record_line(FIRST), record_line(SECOND).replace(b":", b": ", 1)],
            f"{DAY}:2: record {SECOND.id} is not",
        ),
        ([record_line(FIRST), line(SECOND, hops=0)], f"{DAY}:2: record {SECOND.id} is not in canonical form"),
        ([record_line(SHOPS)], f"{DAY}:1: record {SHOPS.id} belongs into {history_path(SHOP.id, NOON)}"),
    ],
)
def test_a_damaged_line_of_history_is_found(base, lines, said):
    base.edit({DAY: b"\n".join(lines) + b"\n"})
    done = base.devnexus("verify")
    assert done.exit_code == 1
    assert said in done.stdout


def test_what_a_later_version_said_more_is_no_damage(base):
    base.edit({DAY: record_line(FIRST) + b"\n" + line(SECOND, later="more") + b"\n"})
    done = base.devnexus("verify")
    assert "canonical" not in done.stdout and "0 findings" not in done.stdout
    assert done.exit_code == 0, done.output


def test_a_record_that_stands_in_two_files_is_found(base):
    base.edit({DAY.replace("2026-03-01", "2026-03-02"): record_line(SECOND) + b"\n"})
    assert f"record {SECOND.id} stands in {DAY} too" in base.devnexus("verify").stdout


def test_repair_rewrites_pages_in_one_commit_and_touches_nothing_else(base):
    good = base.store.head()
    broken = base.edit(
        {PAGE: b"{}\n", SHOP_PAGE: None, "repositories/acme/ghost.json": b"x", "mine.md": b"m"}
    )
    done = base.devnexus("verify", "--repair")
    assert done.exit_code == 0, done.output
    head = base.store.head()
    assert [revision.id for revision in base.store.log(head)][1] == broken
    assert base.store.changed(good, head) == ("mine.md",)


def test_repair_leaves_pages_alone_while_history_cannot_be_read(base):
    head = base.edit({DAY: b"{\n", PAGE: b"{}\n"})
    done = base.devnexus("verify", "--repair")
    assert done.exit_code == 1 and "repair history first" in done.stdout
    assert base.store.head() == head


# log and show


def test_the_log_tells_of_every_record_newest_first(base):
    issue = RuntimeIssueReported(
        cause="agent",
        repository=API,
        at=pushed("a", "b", 8).pushed_at,
        caller="ada",
        skill="report",
        key="2",
        service_type="gke",
        issue_type="timeout",
        severity="high",
        log_snippet="\x1b[2Jslow",
    )
    base.write(lesson(), issue, snapshot_record("b", minute=2))
    lines = base.devnexus("log", "ACME/api").stdout.splitlines()
    assert lines[0] == "acme/api  github.com/1  5 records"
    kinds = ["lesson", "runtime issue", "snapshot", "push", "push"]
    assert [kind in text for kind, text in zip(kinds, lines[1:], strict=True)] == [True] * 5
    assert "reliability: Set a timeout. (by ada)" in lines[1]
    assert "high timeout in gke: \\u001b[2Jslow" in lines[2]
    assert f"{sha('a')[:7]}..{sha('b')[:7]} 1 commit, Ada: change (rules v1, 1 of 1 files read)" in lines[4]
    assert "… and 4 earlier ones" in base.devnexus("log", "github.com/1", "--limit", "1").stdout


def test_a_repository_is_found_under_an_old_name_and_when_it_is_hidden(base):
    renamed = repository("acme/store", 2)
    base.write(of_repository(RepositoryRenamed, renamed, former_name="acme/shop"))
    assert base.devnexus("log", "acme/SHOP").stdout.startswith("acme/store  github.com/2")
    base.write(of_repository(RepositoryRemoved, renamed, minute=6))
    for words in ("acme/store", "github.com/2"):
        shown = base.devnexus("show", words)
        assert shown.exit_code == 0 and "hidden" in shown.stdout, shown.output


def test_an_unknown_repository_is_answered_with_what_is_close(base):
    done = base.devnexus("show", "acme/shp")
    assert done.exit_code == 1
    assert "nothing is known of acme/shp; close to it: acme/shop" in done.stderr


def test_what_is_known_is_shown_with_places_lessons_gaps_and_notes(base):
    base.write(lesson(), record_of(pushed("x", "y", 3), reading("b.py", row(weight=0.9))))
    base.edit({"corrections/acme/api.yaml": b"note:\n- text: Being replaced.\n  by: Ada\n"})
    shown = base.devnexus("show", "acme/api")
    assert shown.exit_code == 0, shown.output
    for said in (
        "Retry with backoff",
        "b.py:1, app.py:4",
        "reliability: Set a timeout.",
        f"between {sha('b')[:12]} and {sha('x')[:12]} was missed",
        "Being replaced. (by Ada)",
        "3 pushes, 0 snapshots",
    ):
        assert said in shown.stdout
    assert json.loads(base.devnexus("show", "acme/api", "--json").stdout)["pushes"] == 3


def test_show_goes_back_to_a_revision_or_a_day(base):
    head = base.store.head()
    before = next(one.parent for one in base.store.log(head))
    old = base.devnexus("show", "acme/api", "--as-of", before[:10])
    assert "1 push," in old.stdout and before[:12] in old.stdout
    today = next(base.store.log(head)).at.date().isoformat()
    assert "2 pushes" in base.devnexus("show", "acme/api", "--as-of", today).stdout
    for words, said in (
        ("2001-01-01", "the knowledge base begins with"),
        ("2026-13-01", "is no date"),
        ("yesterday", "neither a date"),
        ("0000000", "no revision 0000000"),
    ):
        done = base.devnexus("show", "acme/api", "--as-of", words)
        assert done.exit_code == 1 and said in done.stderr


# forget


def test_forgetting_asks_first(base):
    head = base.store.head()
    assert base.devnexus("forget", "acme/api", answer="n\n").exit_code == 1
    assert base.store.head() == head


def test_what_is_forgotten_is_gone_noted_and_does_not_come_back(base):
    base.write(of_repository(RepositoryRenamed, repository("acme/api2"), former_name="acme/api"))
    index = {
        "c1": {"origin_repository": "Acme/API", "locations": []},
        "c2": {
            "origin_repository": "acme/shop",
            "locations": [{"repository": "acme/api2"}, {"repository": "x/y"}],
        },
    }
    advice = [
        {"position": n, "occurrence": 0, "recommendation": {"from_repository": name, "to_repository": "x/y"}}
        for n, name in enumerate(["acme/api", "acme/shop"])
    ]
    lines = b"".join(json.dumps(one, sort_keys=True).encode() + b"\n" for one in advice)
    base.edit(
        {
            "components/aa.json": json.dumps(index).encode(),
            "consolidation/2026.jsonl": lines,
            "corrections/acme/api2.yaml": b"note:\n- text: x\n",
            "corrections/acme/shop.yaml": b"note:\n- text: y\n",
        }
    )
    before = base.store.head()
    done = base.devnexus("forget", "acme/api", "--yes")
    assert done.exit_code == 0, done.output
    head = base.store.head()
    (newest,) = [one for one in base.store.log(head) if one.parent == before]
    assert newest.id == head and "acme" not in newest.message
    left = base.store.read(["history/", "repositories/", "corrections/"], at=head)
    assert sorted(left) == ["corrections/acme/shop.yaml", history_path(SHOP.id, NOON), SHOP_PAGE]
    assert json.loads(base.file("components/aa.json")) == {
        "c2": {"origin_repository": "acme/shop", "locations": [{"repository": "x/y"}]}
    }
    assert base.file("consolidation/2026.jsonl") == lines.splitlines(keepends=True)[1]
    noted = json.loads(base.file(METADATA_PATH))["forgotten"]
    assert all(entry.keys() == {"repository_id", "forgotten_at"} for entry in noted)
    by_name = [id_of_name("acme/api"), id_of_name("acme/api2")]
    assert [entry["repository_id"] for entry in noted] == [API.id, *by_name]
    assert "3 files deleted, 2 rewritten" in done.stdout
    assert Writer(base.store).group_commit([FIRST]).revision is None
    assert base.devnexus("verify").exit_code == 0
    assert base.devnexus("log", "acme/api").exit_code == 1


def test_what_claude_said_of_it_is_forgotten_too(base, tmp_path):
    url = f"sqlite:///{tmp_path}/state.db"
    engine = open_state(url)
    create_tables(engine, CLAUDE_TABLES)
    calls, waiting = SqlCalls(engine), SqlWaiting(engine)
    for one in (API, SHOP):
        calls.remember(one.id, "reader", {"blob:1": Known(Said())}, now=NOON)
        waiting.add(pushed("a", "b", repository=one), "overloaded", now=NOON)
    done = base.devnexus("forget", "acme/api", "--yes", "--database", url)
    left = [calls.known(one.id, "reader", ["blob:1"]).keys() for one in (API, SHOP)]
    waits = [waiter.event.repository.id for waiter in waiting.next(9, now=NOON)]
    engine.dispose()
    assert (left, waits) == ([set(), {"blob:1"}], [SHOP.id])
    assert "what Claude said of it is gone" in done.stdout


def test_what_git_still_holds_is_counted_and_the_printed_commands_purge_it(base, tmp_path):
    done = base.devnexus("forget", "acme/api", "--yes")
    assert "git still holds it in 2 commits" in done.stdout
    for said in (
        "--path history/github.com/1/",
        f"--path {PAGE}",
        "literal:acme/api==>forgotten",
        "DATABASE_URL",
        f"DELETE FROM claude_known WHERE repository IN ('{API.id}', ",
    ):
        assert said in done.stdout


def test_a_repository_that_was_adopted_is_forgotten_with_its_adopter(base):
    by_name = Repository(id=id_of_name("acme/api"), name="acme/api", default_branch="main")
    base.write(lesson(about=by_name), of_repository(RepositoryRegistered))
    assert base.devnexus("forget", "acme/api", "--yes").exit_code == 0
    left = base.store.read(["history/"], at=base.store.head())
    assert list(left) == [history_path(SHOP.id, NOON)]
    forgotten = json.loads(base.file(METADATA_PATH))["forgotten"]
    assert [one["repository_id"] for one in forgotten] == [API.id, by_name.id]


def imported(name, at=NOON):
    repository = Repository(id=id_of_name(name), name=name, default_branch="main")
    entry = {"problem_domain": "x", "analyzed_at": "2025-01-01T00:00:00", "commit_sha": "c"}
    content = {"latest_patterns": entry, "last_updated": "2025-01-01T00:00:00"}
    fields = {"cause": "import", "part": "latest", "content": content}
    return KnowledgeImported(repository=repository, at=at, **fields)


def test_no_old_file_brings_back_what_was_forgotten_whatever_dates_it_says(base):
    base.devnexus("forget", "acme/shop", "--yes")
    later = datetime(2300, 1, 1, tzinfo=UTC)
    forgotten = read_forgotten(base.store, at=base.store.head())
    assert forgotten.covers(imported("acme/SHOP")) and forgotten.covers(imported("acme/shop", later))
    assert not forgotten.covers(imported("acme/other"))
    assert not forgotten.covers(lesson(about=SHOP).model_copy(update={"at": later}))


def test_who_took_over_the_name_of_what_is_forgotten_keeps_everything(base):
    base.write(of_repository(RepositoryRenamed, repository("acme/store", 1), former_name="acme/api"))
    heir = repository("acme/api", 7)
    base.write(record_of(pushed("0", "z", 12, repository=heir), reading("z.py", row())))
    kept = {
        "components/aa.json": json.dumps({"c": {"origin_repository": "acme/api"}}).encode(),
        "corrections/acme/api.yaml": b"note:\n- text: of the heir\n",
    }
    base.edit(kept | {"corrections/acme/store.yaml": b"note:\n- text: x\n"})
    done = base.devnexus("forget", "acme/store", "--yes")
    assert done.exit_code == 0, done.output
    assert {path: base.file(path) for path in kept} == kept
    assert json.loads(base.file(PAGE))["repository_id"] == heir.id
    noted = [one["repository_id"] for one in json.loads(base.file(METADATA_PATH))["forgotten"]]
    assert noted == [API.id, id_of_name("acme/store")]
    assert base.file("corrections/acme/store.yaml") is None
    purged = done.stdout.partition("To purge")[2]
    assert "literal:acme/store==>" in purged and "acme/api" not in purged


def test_the_commands_that_purge_take_old_versions_of_shared_files_too(base):
    components = {"c": {"origin_repository": "acme/api"}, "d": {"origin_repository": "acme/shop"}}
    base.edit({"components/aa.json": json.dumps(components).encode(), "vocabulary.yaml": b"# acme/api\n"})
    said = base.devnexus("forget", "acme/api", "--yes").stdout
    assert '--strip-blobs-with-ids "$PWD/old.txt"' in said and "-- components/aa.json" in said
    assert "vocabulary.yaml" in said.partition("name it still")[2].partition("To purge")[0]
    (made,) = [line for line in said.splitlines() if "> kept.txt" in line]
    script = made.partition(". ")[2]
    folder = base.path.parent
    subprocess.run(script, shell=True, cwd=folder, check=True)
    old = (folder / "old.txt").read_text().split()
    texts = [run_git(base.path, "cat-file", "blob", id_) for id_ in old]
    assert [json.loads(text) for text in texts] == [components]


class Contended:
    """A store in which somebody else is faster once, and which takes few files at a time."""

    def __init__(self, store, meanwhile, limits=NO_LIMITS):
        self._store = store
        self._meanwhile = meanwhile
        self.limits = limits

    def __getattr__(self, name):
        return getattr(self._store, name)

    def commit(self, changes, *, message, expected_head):
        meanwhile, self._meanwhile = self._meanwhile, lambda: None
        meanwhile()
        assert len(changes) <= (self.limits.files or len(changes))
        return self._store.commit(changes, message=message, expected_head=expected_head)


def test_what_came_while_it_was_being_forgotten_goes_too(base):
    target = find_target(base.store, find_repository(base.store, "acme/api", at=base.store.head()), at="HEAD")
    forget(Contended(base.store, lambda: base.write(lesson())), target, at=datetime.now(UTC))
    assert list(base.store.read(["history/"], at=base.store.head())) == [history_path(SHOP.id, NOON)]
    assert base.devnexus("verify").exit_code == 0


def test_a_store_that_takes_few_files_gets_the_note_first_and_the_rest_after_it(base):
    base.write(lesson(), *(record_of(pushed("b", f"c{n}", n * 1440.0)) for n in range(1, 4)))
    target = find_target(base.store, find_repository(base.store, "acme/api", at=base.store.head()), at="HEAD")
    before = base.store.head()
    forget(Contended(base.store, lambda: None, CommitLimits(files=2)), target, at=datetime.now(UTC))
    commits = [one.id for one in base.store.log(base.store.head())]
    first = commits[commits.index(before) - 1]
    assert commits.index(before) > 1 and METADATA_PATH in base.store.changed(before, first)
    assert base.devnexus("verify").exit_code == 0


def test_one_who_claims_the_same_name_gets_it_back(base):
    base.write(record_of(pushed("0", "z", 3, repository=repository("acme/api", 7)), reading("z.py", row())))
    base.devnexus("forget", "github.com/7", "--yes")
    page = json.loads(base.file(PAGE))
    assert page["repository_id"] == API.id and "name_shared_with" not in page
    assert base.devnexus("verify").exit_code == 0


def test_a_revert_is_right_and_said(base):
    path = history_path(API.id, NOON)
    before = base.store.read([path], at=base.store.head())[path]
    base.edit({path: before[before.index(b"\n") + 1 :], PAGE: None})
    base.devnexus("verify", "--repair")
    done = base.devnexus("verify")
    assert done.exit_code == 0, done.output
    assert "somebody took 1 record out of history" in done.stdout
    assert "all right" in done.stdout and "with 1 remark" in done.stdout
