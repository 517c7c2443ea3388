"""`devnexus patterns list|merge|rename`, and the rows and changes that `kb show` and `kb log` tell of."""

import pytest
from builders import RETRY, decided, pushed, reading, record_of, row, sha
from click.testing import CliRunner
from fakes.knowledge import make_store

from devnexus.events.patterns_extracted import FileReading, Pattern
from devnexus.knowledge.store import Conflict
from devnexus.knowledge.view import Views
from devnexus.people.mistake import Mistake
from devnexus.people.vocabulary import VOCABULARY_PATH, Vocabulary
from devnexus.people.yaml_file import parse
from devnexus_cli.main import main
from devnexus_cli.vocabulary_edit import with_merged, with_name
from kb_writer.group_commit import Writer

RESEND = Pattern(id="resend", name="Resend", category="resilience")
MANY = [row(line=line, weight=0.8) for line in range(1, 26)]
ADR = FileReading(path="docs/adr/1.md", status="added", decisions=(decided("Use Redis", status="accepted"),))
FIRST = record_of(
    pushed("0", "a", 0), reading("app.py", *MANY), reading("r.py", row("resend", weight=0.8)), ADR,
    patterns=(RETRY, RESEND),
)  # fmt: skip
SECOND = record_of(pushed("a", "b", 1), reading("r.py", status="removed"))

PEOPLES = b"""# Ours.
patterns:
    # Agreed in May.
    kafka: {name: 'Kafka', aliases: [Streams]}  # for Ada
    resend:
        name: Try again
        aliases:
            - Sending twice   # old
"""


class Base:
    def __init__(self, path):
        self.path = path
        self.store = make_store(path)
        Writer(self.store).group_commit([FIRST])
        Writer(self.store).group_commit([SECOND])

    def devnexus(self, *words):
        return CliRunner().invoke(main, [*words, "--knowledge", str(self.path)])

    def vocabulary(self):
        return self.store.read([VOCABULARY_PATH], at=self.store.head()).get(VOCABULARY_PATH, b"").decode()

    def says(self, content):
        self.store.commit({VOCABULARY_PATH: content}, message="people", expected_head=self.store.head())


@pytest.fixture
def base(tmp_path):
    base = Base(tmp_path / "knowledge.git")
    yield base
    base.store.close()


def test_the_list_has_every_canonical_name_with_its_number_of_repositories(base):
    lines = base.devnexus("patterns", "list").stdout.splitlines()
    assert lines[0].split() == ["retry-backoff", "Retry", "with", "backoff", "1", "repository"]
    assert any(line.startswith("saga ") and "0 repositories" in line for line in lines)


def test_a_merge_is_one_commit_that_readers_follow(base):
    before = base.store.head()
    done = base.devnexus("patterns", "merge", "resend", "Sending it again", "Exponential backoff")
    assert done.exit_code == 0, done.output
    assert "shown as Retry with backoff (retry-backoff)" in done.stdout
    assert next(base.store.log(base.store.head())).parent == before
    said = parse(Vocabulary, base.vocabulary().encode())
    assert (said.canonical("resend"), said.canonical("sending it again")) == ("retry-backoff",) * 2
    again = base.devnexus("patterns", "merge", "resend", "retry-backoff")
    assert "it says so already" in again.stdout


def test_a_new_name_is_shown_from_then_on(base):
    assert base.devnexus("patterns", "rename", "retry-backoff", "Yes: retry").exit_code == 0
    (page,) = Views(base.store).head().pages.values()
    assert page.latest_patterns.patterns == ("Yes: retry",)


def test_what_nobody_knows_cannot_be_renamed(base):
    done = base.devnexus("patterns", "rename", "teapots", "Teapot")
    assert (done.exit_code, "there is no pattern teapots" in done.stderr) == (1, True)


def test_a_name_that_two_patterns_would_have_is_refused_and_nothing_is_written(base):
    base.says(PEOPLES)
    done = base.devnexus("patterns", "rename", "retry-backoff", "Try again")
    assert (done.exit_code, "both claim" in done.stderr) == (1, True)
    assert base.vocabulary() == PEOPLES.decode()


def test_a_pattern_is_not_merged_into_itself(base):
    done = base.devnexus("patterns", "merge", "retry-backoff", "retry-backoff")
    assert (done.exit_code, "cannot be merged into itself" in done.stderr) == (1, True)
    assert base.vocabulary() == ""


def test_who_commits_meanwhile_is_not_overwritten(base, monkeypatch):
    commit, tries = type(base.store).commit, []

    def late(store, changes, **how):
        tries.append(how)
        if len(tries) == 1:
            commit(store, {VOCABULARY_PATH: PEOPLES}, message="Ada", expected_head=how["expected_head"])
            raise Conflict("somebody was faster")
        return commit(store, changes, **how)

    monkeypatch.setattr(type(base.store), "commit", late)
    assert base.devnexus("patterns", "rename", "retry-backoff", "Retry").exit_code == 0
    assert "# for Ada" in base.vocabulary() and "name: Retry" in base.vocabulary()


def test_an_edit_keeps_comments_order_quotes_and_every_other_line():
    edited = with_name(PEOPLES, "resend", "Send again").decode()
    assert edited == PEOPLES.decode().replace("Try again", "Send again")
    grown = with_merged(PEOPLES, "kafka", "Kafka", ids=["kafka-streams"], aliases=["Log: shared"]).decode()
    line = (
        """    kafka: {name: 'Kafka', aliases: [Streams, "Log: shared"], merge: [kafka-streams]} # for Ada"""
    )
    assert grown.splitlines()[3] == line
    assert grown.splitlines()[4:] == PEOPLES.decode().splitlines()[4:]


@pytest.mark.parametrize("content", [b"", b"# nothing yet\n", b"patterns:\n", b"patterns: {}\n# end\n"])
def test_a_file_that_says_nothing_yet_gets_its_first_entry(content):
    edited = with_merged(content, "outbox", "Transactional outbox", ids=[], aliases=["Our outbox", "yes"])
    assert parse(Vocabulary, edited).canonical("our outbox") == "outbox"
    assert content.decode().count("#") == edited.decode().count("#")


@pytest.mark.parametrize("content", [b"patterns: [", b"pattern: {}", b"patterns: {a: &x {name: A}, b: *x}"])
def test_a_file_with_a_mistake_is_not_edited(content):
    with pytest.raises(Mistake):
        with_name(content, "outbox", "Outbox")


def test_every_row_of_a_pattern_is_replayed_from_history(base):
    shown = base.devnexus("kb", "show", "acme/api", "--pattern", "Retries").stdout.splitlines()
    assert shown[0] == "Retry with backoff  retry-backoff  25 rows"
    assert len(shown) == 26 and f"app.py:25-25  {sha('a')[:12]}" in shown[-1]
    missing = base.devnexus("kb", "show", "acme/api", "--pattern", "saga")
    assert missing.exit_code == 1 and "patterns that stand here: retry-backoff" in missing.stderr


def test_the_log_says_which_patterns_came_and_went_and_the_page_what_was_decided(base):
    newest, first = base.devnexus("kb", "log", "acme/api").stdout.splitlines()[1:]
    assert newest.endswith("; gone: resend")
    assert first.endswith("; introduced: resend, retry-backoff")
    assert "Use Redis (accepted)  docs/adr/1.md:1" in base.devnexus("kb", "show", "acme/api").stdout


def test_an_edit_that_would_lose_a_comment_is_left_to_people():
    content = b"patterns:\n  resend:\n    name: Resend\n    aliases: [a,  # old\n      b]\n"
    with pytest.raises(Mistake, match="a comment would be lost"):
        with_merged(content, "resend", "Resend", ids=[], aliases=["c"])
