"""What people do not want read is not read, and the receipt says so."""

import logging

import pytest
from builders import NOON, pushed_commits, repository
from fakes.git_history import make_repository
from fakes.knowledge import make_store
from fakes.pubsub import FakePublisher

from devnexus.errors import Unavailable
from devnexus.events import SnapshotRequested
from devnexus.git import run_git
from devnexus.knowledge.fold import fold
from devnexus.knowledge.followed_organisation import LOOK_EVERY_SECONDS, FollowedOrganisation
from devnexus.people.organisation import Organisation
from devnexus.people.yaml_file import parse
from extractor.extract import on_commit_pushed, on_snapshot_requested
from extractor.local_git import LocalGit
from extractor.policy import policy_of
from extractor.reading import Reader
from extractor.rule_set import load_rules

READER = Reader(load_rules())
RETRY = "import tenacity\n\n@tenacity.retry(wait=tenacity.wait_exponential())\ndef call():\n    pass\n"
SETTINGS = ".devnexus.yml"


class World:
    def __init__(self, folder):
        self.folder = folder
        self.source = LocalGit(folder)

    def has(self, *commits):
        return make_repository(self.folder / "acme" / "api", list(commits))

    def push(self, before, after, organisation=""):
        event = pushed_commits(before, after)
        return self._run(on_commit_pushed, event, organisation)

    def snapshot(self, sha, organisation=""):
        event = SnapshotRequested(cause="snapshot", repository=repository(), sha=sha, asked_by="test")
        return self._run(on_snapshot_requested, event, organisation)

    def _run(self, use_case, event, organisation):
        publisher = FakePublisher()
        settings = parse(Organisation, organisation.encode())
        use_case(event, source=self.source, reader=READER, publisher=publisher, organisation=settings)
        return publisher.published


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def not_read(record):
    return {group.reason: group.paths for group in record.receipt.not_read}


def test_of_an_excluded_repository_nothing_is_published_and_the_log_says_why(world, caplog):
    caplog.set_level(logging.INFO)
    excluded = "repositories: {exclude: [ACME/*]}"
    assert world.push("a" * 40, "b" * 40, excluded) == []  # it is not even looked for
    assert world.snapshot("a" * 40, excluded) == []
    assert [one.message for one in caplog.records] == ["not analysed: excluded by the organisation"] * 2


@pytest.mark.parametrize("text", ["analyse: false\n", "analyse: off\nexclude: [x]\n"])
def test_a_repository_that_does_not_want_to_be_analysed_is_not(world, caplog, text):
    caplog.set_level(logging.INFO)
    old, new = world.has({"a.py": RETRY}, {SETTINGS: text})
    assert [record.after for record in world.snapshot(old)] == [old]
    assert world.snapshot(new) == []
    assert world.push(old, new) == []
    assert world.push("d" * 40, new) == []
    assert {one.message for one in caplog.records} == {"not analysed: .devnexus.yml says analyse: false"}


def test_a_repository_that_asks_for_quiet_is_read_and_the_record_says_so(world):
    loud, quiet = world.has({"a.py": RETRY}, {SETTINGS: "notify: false\n"})
    assert [one.quiet for one in (*world.snapshot(loud), *world.snapshot(quiet))] == [False, True]
    assert [fold([one]).project().quiet for one in world.push(loud, quiet)[:1]] == [True]


def test_excluded_paths_are_not_read_and_lose_what_was_known_of_them(world):
    (only,) = world.has({"a.py": RETRY, "gen/b.py": RETRY, "old/c.py": RETRY, SETTINGS: "exclude: [gen/]\n"})
    (record,) = world.snapshot(only, "paths: {exclude: ['old/*']}")
    assert not_read(record) == {
        "excluded by .devnexus.yml": ("gen/b.py",),
        "excluded by the organisation": ("old/c.py",),
    }
    assert {file.path for file in record.files if file.rows} == {"a.py"}
    (otherwise,) = world.snapshot(only)
    assert otherwise.analysis != record.analysis
    assert otherwise.record_id == record.record_id


def test_a_push_that_changes_the_settings_asks_for_a_snapshot_that_tells_nobody(world):
    old, new = world.has({"gen/b.py": RETRY}, {SETTINGS: "exclude: [gen/]\n"})
    record, request = world.push(old, new)
    assert (record.coverage, record.before) == ("change", old)
    assert (request.sha, request.as_of, request.cause) == (new, NOON, "snapshot")


def test_settings_with_a_mistake_have_no_effect_and_the_receipt_says_so(world):
    text = "analyse: false\nexclud: [a.py]\n"
    (only,) = world.has({"a.py": RETRY, SETTINGS: text})
    (record,) = world.snapshot(only)
    ((reason, paths),) = not_read(record).items()
    assert "line 2: there is no field exclud; allowed are analyse" in reason
    assert paths == (SETTINGS,)
    assert {file.path for file in record.files if file.rows} == {"a.py"}


def test_settings_of_absurd_length_are_a_mistake(world):
    (only,) = world.has({SETTINGS: "analyse: false\n" + "# x\n" * 20_000})
    (record,) = world.snapshot(only)
    assert not_read(record) == {"settings with a mistake (larger than 50 kB)": (SETTINGS,)}


def test_a_secret_in_the_settings_does_not_reach_the_receipt(world):
    secret = "AKIA" + "QWERTYUIOPASDFGH"
    (only,) = world.has({"a.py": RETRY, SETTINGS: f"{secret}: 1\n"})
    (record,) = world.snapshot(only)
    assert secret not in record.model_dump_json()
    assert "settings with a mistake" in record.model_dump_json()


def test_settings_cannot_loosen_what_the_organisation_says(world):
    (only,) = world.has({"a.py": RETRY, SETTINGS: "analyse: true\nclaude: true\nexclude: []\n"})
    (record,) = world.snapshot(only, "paths: {exclude: [a.py]}\nclaude: {default: off}")
    assert not_read(record) == {"excluded by the organisation": ("a.py",)}
    settings = parse(Organisation, b"claude: {default: off}")
    assert policy_of(repository(), settings, lambda _: b"claude: true").no_claude_because
    assert (
        "claude: false"
        in policy_of(repository(), Organisation(), lambda _: b"claude: false").no_claude_because
    )
    assert policy_of(repository(), Organisation(), lambda _: b"").no_claude_because is None


def test_a_folder_or_submodule_called_like_the_settings_is_none(world):
    (only,) = world.has({f"{SETTINGS}/a.py": RETRY})
    assert not_read(world.snapshot(only)[0]) == {}
    clone = world.folder / "acme" / "api"
    tree = run_git(clone, "mktree", stdin=f"160000 commit {only}\t{SETTINGS}\n".encode()).decode().strip()
    author = ("-c", "user.name=T", "-c", "user.email=t@t")
    commit = run_git(clone, *author, "commit-tree", tree, "-p", only, "-m", "x").decode().strip()
    run_git(clone, "update-ref", "refs/heads/x", commit)
    assert not_read(world.snapshot(commit)[0]) == {"submodule": (SETTINGS,)}


class Followed:
    """The settings of an organisation, a base to write them to, and a clock."""

    def __init__(self, store):
        self.store = store
        self.seconds = 0.0
        self.is_down = False
        self.organisation = FollowedOrganisation(self, clock=lambda: self.seconds)

    def head(self):
        if self.is_down:
            raise Unavailable("git is away")
        return self.store.head()

    def __getattr__(self, name):
        return getattr(self.store, name)

    def say(self, text):
        self.store.commit({"devnexus.yaml": text.encode()}, message="x", expected_head=self.store.head())

    def wants_api(self):
        return self.organisation.now().wants("acme/api")


@pytest.fixture
def followed(tmp_path):
    store = make_store(tmp_path / "knowledge.git")
    yield Followed(store)
    store.close()


def test_what_the_organisation_says_holds_within_half_a_minute(followed):
    assert followed.wants_api()
    followed.say("repositories: {exclude: [acme/api]}")
    assert followed.wants_api()
    followed.seconds += LOOK_EVERY_SECONDS
    assert not followed.wants_api()


def test_the_settings_are_the_same_object_while_they_say_the_same(followed):
    before = followed.organisation.now()
    followed.say("# nothing yet")
    followed.seconds += LOOK_EVERY_SECONDS
    assert followed.organisation.now() is before


def test_a_mistake_of_the_organisation_is_logged_once_and_the_last_good_settings_hold(followed, caplog):
    followed.say("repositories: {exclude: [acme/api]}")
    followed.say("repositories: {exclud: [acme/api]}")
    for _ in range(3):
        assert not followed.wants_api()
        followed.seconds += LOOK_EVERY_SECONDS
        followed.store.commit(
            {"x": str(followed.seconds).encode()}, message="x", expected_head=followed.store.head()
        )
    (line,) = caplog.records
    assert "there is no field exclud" in line.message


def test_in_an_outage_what_was_said_before_holds_and_without_any_nothing_is_decided(followed):
    followed.say("repositories: {exclude: [acme/api]}")
    followed.is_down = True
    with pytest.raises(Unavailable, match=r"devnexus\.yaml cannot be read"):
        followed.wants_api()
    followed.is_down = False
    assert not followed.wants_api()
    followed.is_down = True
    followed.seconds += LOOK_EVERY_SECONDS
    assert not followed.wants_api()
