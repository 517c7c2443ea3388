"""`devnexus analyze`: one push through the whole pipeline, in a run of GitHub Actions and elsewhere."""

import json

import pytest
from actions_run import check_out, push_event, run_environment
from builders import known
from click.testing import CliRunner
from fakes.git_history import make_repository
from fakes.knowledge import make_store, put
from fakes.pubsub import FakePublisher
from google.cloud.pubsub_v1 import SubscriberClient

from devnexus.codec import decode, encode
from devnexus.errors import Unavailable
from devnexus.events import CommitPushed, PatternsExtracted, SnapshotRequested
from devnexus.git import run_git
from devnexus.git_names import NO_COMMIT
from devnexus.knowledge.history import stored_records
from devnexus.knowledge.layout import HISTORY
from devnexus.knowledge.projection import read_projection
from devnexus.people.organisation import Organisation
from devnexus.provision import provision
from devnexus.topology import load_topology
from devnexus_cli.analyze.pipeline import extract, keep
from devnexus_cli.analyze.which_push import Asked, which_push
from devnexus_cli.embedded_pubsub.server import EmbeddedPubSub
from devnexus_cli.main import main
from extractor.extract import on_commit_pushed, on_snapshot_requested
from extractor.local_git import LocalGit
from extractor.reading import Reader
from extractor.rule_set import load_rules
from kb_writer.group_commit import Writer
from webhook_receiver.github_push import parse_push

RETRY = "import tenacity\n\n@tenacity.retry(wait=tenacity.wait_exponential())\ndef call():\n    pass\n"
KEY = "AKIA" + "QWERTYUIOPASDFGH"
TOPOLOGY = load_topology()
COMMIT_PUSHED = "projects/analyze/topics/commit-pushed"
MANIFEST = '[project]\nname = "api"\ndependencies = ["tenacity>=8"]\n'
COMMITS = [
    {"readme.md": "x\n"},
    {"pyproject.toml": MANIFEST, "client.py": RETRY},
    {"settings.py": f'KEY = "{KEY}"\n', "b <b>@all [x](y).py": RETRY},
    {"readme.md": None, ".env": "TOKEN=hunter2hunter2\n"},
]


class World:
    """A repository upstream, a knowledge base, and runs of `analyze` on checkouts."""

    def __init__(self, folder):
        self.folder = folder
        self.upstream = folder / "upstream" / "acme" / "api.git"
        self.shas = make_repository(self.upstream, COMMITS)
        self.base = folder / "kb.git"
        self.store = make_store(self.base)

    def in_actions(self, before, after, *, event=None, kind="push", depth=0, name="run", arguments=None):
        run = self.folder / name
        environment = run_environment(run, event or push_event(before, after), kind=kind)
        check_out(self.upstream, run / "repository", after, depth=depth)
        wanted = ["--knowledge", str(self.base)] if arguments is None else arguments
        return self.analyze(run / "repository", *wanted, env=environment, output=run / "analysis.json")

    def analyze(self, repository, *arguments, env=None, output=None):
        command = ["analyze", "--repo", str(repository), "--output", str(output or self.folder / "a.json")]
        return CliRunner().invoke(main, [*command, *arguments], env=env or {})

    def summary(self, name="run"):
        return (self.folder / name / "summary.md").read_text()

    def analysis(self, name="run"):
        return json.loads((self.folder / name / "analysis.json").read_text())

    def stored(self):
        return self.store.read(["history/", "repositories/"], at=self.store.head())

    def records(self):
        return stored_records(self.store, HISTORY, at=self.store.head())


@pytest.fixture
def world(tmp_path, monkeypatch):
    for variable in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "KNOWLEDGE"):
        monkeypatch.delenv(variable, raising=False)
    world = World(tmp_path)
    yield world
    world.store.close()


class Services:
    """What the services do with the same push, one message at a time, each over the wire."""

    def __init__(self, world, path):
        self.store = make_store(path)
        self._writer = Writer(self.store)
        self._source, self._reader = LocalGit(world.upstream.parents[1]), Reader(load_rules())

    def take(self, *events):
        waiting = list(events)
        while waiting:
            event = decode(*encode(waiting.pop(0), source="/test"))
            broker = FakePublisher()
            match event:
                case CommitPushed():
                    on_commit_pushed(event, source=self._source, reader=self._reader, publisher=broker)
                case SnapshotRequested():
                    on_snapshot_requested(event, source=self._source, reader=self._reader, publisher=broker)
                case PatternsExtracted():
                    self._writer.group_commit([event])
            waiting += broker.published

    def stored(self):
        return self.store.read(["history/", "repositories/"], at=self.store.head())

    def close(self):
        self._source.close()
        self.store.close()


@pytest.fixture
def services(world, tmp_path):
    services = Services(world, tmp_path / "services.git")
    yield services
    services.close()


def as_webhook(before, after):
    return parse_push(push_event(before, after))


def test_a_new_branch_of_several_commits_is_stored_as_the_services_store_it(world, services):
    before, after = NO_COMMIT, world.shas[-1]
    assert world.in_actions(before, after).exit_code == 0
    services.take(as_webhook(before, after))
    assert world.stored() == services.stored()
    assert len(world.records()) == 2


def test_a_later_push_of_several_commits_is_stored_as_the_services_store_it(world, services):
    first, *_, last = world.shas
    world.in_actions(NO_COMMIT, first, name="one")
    result = world.in_actions(first, last, name="two")
    assert result.exit_code == 0, result.output
    services.take(as_webhook(NO_COMMIT, first), as_webhook(first, last))
    assert world.stored() == services.stored()
    push = next(record for record in world.records() if record.before == first)
    assert [commit.sha for commit in push.commits] == world.shas[:0:-1]


def test_a_repository_that_is_seen_for_the_first_time_is_read_whole(world, services):
    first, second, *_ = world.shas
    world.in_actions(first, second)
    push = as_webhook(first, second)
    asked = SnapshotRequested(
        cause="snapshot", repository=push.repository, sha=second, as_of=push.pushed_at, asked_by=push.id
    )
    services.take(push, asked)
    assert world.stored() == services.stored()


def test_a_run_that_is_repeated_changes_nothing(world):
    first, *_, last = world.shas
    world.in_actions(first, last, name="one")
    head = world.store.head()
    result = world.in_actions(first, last, name="two")
    assert (result.exit_code, world.store.head()) == (0, head)
    assert "known already" in world.summary("two")


class Overtaken:
    """A store in which, right before our first commit, somebody else makes one."""

    def __init__(self, store, rival):
        self._store, self._rival = store, rival

    def commit(self, *arguments, **keywords):
        rival, self._rival = self._rival, None
        if rival:
            rival()
        return self._store.commit(*arguments, **keywords)

    def __getattr__(self, name):
        return getattr(self._store, name)


def read(world, before, after):
    asked = Asked(as_webhook(before, after), world.upstream)
    return extract(asked, Organisation(), with_tree=True)


def test_a_tree_is_read_once_though_two_ask_for_it(world):
    records = read(world, NO_COMMIT, world.shas[0])
    assert [record.subject for record in records] == ["push", "snapshot"]


def test_a_run_that_another_overtakes_lands_behind_it(world):
    first, second, third, _ = world.shas
    ours, theirs = read(world, first, second), read(world, second, third)
    landed = keep(Overtaken(world.store, lambda: keep(world.store, theirs)), ours)
    assert sorted(record.id for record in world.records()) == sorted(one.id for one in [*ours, *theirs])
    assert (landed.revision, landed.is_new) == (world.store.head(), True)
    assert landed.before == next(world.store.log(landed.revision)).parent


def test_a_base_that_is_away_for_a_moment_is_asked_again(world):
    def away():
        raise Unavailable("a moment", retry_after_seconds=0.01)

    assert keep(Overtaken(world.store, away), read(world, *world.shas[:2])).is_new


def test_the_file_is_that_of_the_original_and_tells_no_secret(world):
    first, *_, last = world.shas
    world.in_actions(first, last)
    told = world.analysis()
    assert told["changes"].keys() == {
        "commit_sha",
        "commit_message",
        "author",
        "timestamp",
        "files_changed",
    }
    assert (told["changes"]["commit_sha"], told["changes"]["author"]) == (last, "Ada")
    files = {file["path"]: file for file in told["changes"]["files_changed"]}
    assert "+    pass" in files["client.py"]["diff"]
    assert "[REDACTED:aws-access-key]" in files["settings.py"]["diff"]
    assert (files[".env"]["diff"], files[".env"]["diff_left_out"]) == ("", "may hold secrets")
    assert files["readme.md"]["change_type"] == "removed"
    assert told["patterns"]["patterns"] == ["Retry with backoff"]
    assert told["receipt"]["files"] == 6
    everything = json.dumps(told) + world.summary() + repr(world.stored())
    assert KEY not in everything and "hunter2" not in everything


def test_a_long_difference_is_cut_and_says_so(world):
    text = "".join(f"line {number}\n" for number in range(2000))
    shas = make_repository(world.folder / "long", [{"a.txt": "x\n"}, {"a.txt": text}])
    world.analyze(world.folder / "long", "--range", "..".join(shas), "--knowledge", str(world.base))
    (file,) = json.loads((world.folder / "a.json").read_text())["changes"]["files_changed"]
    assert len(file["diff"]) == 4000
    assert "more characters" in file["diff_left_out"]


def test_a_difference_that_people_keep_out_or_one_of_very_many_is_not_shown(world):
    files = {f"{number:03}.txt": "1\n" for number in range(101)}
    shas = make_repository(world.folder / "many", [{"a.txt": "x\n"}, {**files, "000.secret": "unseen\n"}])
    people = b"paths: {exclude: ['*.secret']}\n"
    world.store.commit({"devnexus.yaml": people}, message="people", expected_head=world.store.head())
    world.analyze(world.folder / "many", "--range", "..".join(shas), "--knowledge", str(world.base))
    changes = json.loads((world.folder / "a.json").read_text())["changes"]["files_changed"]
    left_out = {change["path"]: change["diff_left_out"] for change in changes if not change["diff"]}
    assert left_out == {
        "000.secret": "excluded by the organisation",
        "100.txt": "beyond the first 100 differences",
    }


def test_the_summary_says_what_came_what_is_alike_and_what_was_not_read(world):
    put(world.store, [known("acme/other", 7, patterns=["retry-backoff"], packages=["tenacity"])])
    first, *_, last = world.shas
    world.in_actions(NO_COMMIT, first, name="one")
    world.in_actions(first, last, name="two")
    summary = world.summary("two")
    assert "- introduced: Retry with backoff (strong" in summary, summary
    assert "- acme/other (" in summary
    assert "- 1 × may hold secrets (.env)" in summary
    assert "- 1 × aws-access-key (settings.py)" in summary


def test_what_strangers_wrote_is_text_in_the_summary_and_no_markup_or_command(world):
    make_repository(world.folder / "evil", [{"a": "1"}, {'"x\\n::error::<b>##[error]www.x.y`_z_.py"': RETRY}])
    result = world.analyze(world.folder / "evil", "--range", "HEAD~1..HEAD", "--knowledge", str(world.base))
    assert result.exit_code == 0, result.output
    assert r"x\\u000a\:\:error\:\:\<b\>\#\#\[error\]www\.x.y\`\_z\_.py" in result.output
    assert "\n::error" not in result.output and "##[" not in result.output


def pull_request(base, head):
    event = push_event(base, head)
    return {**event, "pull_request": {"number": 3, "base": {"sha": base}, "head": {"sha": head}}}


def test_a_pull_request_is_read_and_compared_and_nothing_is_written(world):
    put(world.store, [known("acme/other", 7, patterns=["retry-backoff"], packages=["tenacity"])])
    head = world.store.head()
    first, *_, last = world.shas
    result = world.in_actions(first, last, event=pull_request(first, last), kind="pull_request")
    assert (result.exit_code, world.store.head()) == (0, head), result.output
    assert "- introduced: Retry with backoff" in world.summary()
    assert "- acme/other (" in world.summary()
    assert "Nothing was written" in world.summary()
    assert world.analysis()["revision"] is None


@pytest.mark.parametrize("arguments", [[], ["--knowledge", "github:acme/knowledge"]])
def test_a_pull_request_of_a_fork_which_gets_no_secrets_is_read_all_the_same(world, monkeypatch, arguments):
    for name in ("KNOWLEDGE_TOKEN", "GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"):
        monkeypatch.setenv(name, "")  # as the workflow passes on a secret that is not there
    first, *_, last = world.shas
    event = pull_request(first, last)
    result = world.in_actions(first, last, event=event, kind="pull_request", arguments=arguments)
    assert result.exit_code == 0, result.output
    assert "no knowledge base was given" in world.summary()
    assert world.analysis()["patterns"]["patterns"] == ["Retry with backoff"]


def test_a_pull_request_is_what_it_adds_and_not_what_came_to_its_base_meanwhile(world):
    first, second, *_ = world.shas
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.org")
    commit = ("commit-tree", f"{first}^{{tree}}", "-p", first, "-m", "meanwhile")
    base = run_git(world.upstream, *who, *commit).decode().strip()
    environment = run_environment(world.folder / "run", pull_request(base, second), kind="pull_request")
    asked = which_push(world.upstream, None, environment)
    assert (asked.push.before, asked.push.after, asked.is_proposed) == (first, second, True)


def test_a_pull_request_is_not_published(world):
    first, *_, last = world.shas
    event = pull_request(first, last)
    result = world.in_actions(first, last, event=event, kind="pull_request", arguments=["--publish"])
    assert result.exit_code == 0, result.output  # without a project to publish to
    assert "Nothing was written" in world.summary()
    assert "was published" not in world.summary()


def test_publish_hands_the_push_on_and_writes_nothing(world, monkeypatch):
    head = world.store.head()
    with EmbeddedPubSub() as pubsub:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub.endpoint)
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "analyze")
        services = {one.push: "http://127.0.0.1:1" for one in TOPOLOGY.subscriptions if one.push}
        provision(TOPOLOGY, project="analyze", services=services)
        with SubscriberClient() as client:
            listener = client.create_subscription(
                name="projects/analyze/subscriptions/listener", topic=COMMIT_PUSHED
            ).name
            result = world.in_actions(
                *world.shas[:2], arguments=["--publish", "--knowledge", str(world.base)]
            )
            assert (result.exit_code, world.store.head()) == (0, head), result.output
            (got,) = client.pull(
                subscription=listener, max_messages=9, timeout=5, retry=None
            ).received_messages
    assert decode(got.message.data, got.message.attributes) == as_webhook(*world.shas[:2])
    assert "was published" in world.summary()


def test_a_run_names_the_repository_as_the_webhook_does_whatever_started_it(world):
    first, second, *_ = world.shas
    event = {"inputs": {}, "ref": "refs/heads/main"}
    environment = run_environment(world.folder / "run", event, kind="workflow_dispatch")
    asked = which_push(world.upstream, f"{first}..{second}", environment)
    assert isinstance(asked, Asked)
    assert (asked.push.repository.id, asked.push.repository.name) == ("github.com/42", "acme/api")
    assert (asked.push.before, asked.push.after) == (first, second)


@pytest.mark.parametrize(
    ("changes", "kind", "reason"),
    [
        ({"ref": "refs/tags/v1"}, "push", "not a branch"),
        ({"ref": "refs/heads/feature"}, "push", "not the default branch"),
        ({"deleted": True}, "push", "the ref was deleted"),
        ({}, "schedule", "not by a push"),
    ],
)
def test_where_there_is_nothing_to_analyse_it_says_so_and_succeeds(world, changes, kind, reason):
    first, second, *_ = world.shas
    result = world.in_actions(first, second, event=push_event(first, second, **changes), kind=kind)
    assert result.exit_code == 0
    assert "Nothing to analyse" in result.output and reason in world.summary()
    assert world.stored() == {}


def test_a_repository_that_people_keep_out_is_not_read(world):
    world.store.commit(
        {"devnexus.yaml": b"repositories: {exclude: [acme/api]}\n"},
        message="people",
        expected_head=world.store.head(),
    )
    result = world.in_actions(*world.shas[:2])
    assert result.exit_code == 0
    assert "not to be read" in world.summary()
    assert not (world.folder / "run" / "analysis.json").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--knowledge"),
        (["--knowledge", "nowhere.git"], "devnexus kb init"),
        (["--knowledge", "nowhere.git", "--range", "main"], "is no range"),
        (["--knowledge", "nowhere.git", "--range", "HEAD~1...HEAD"], "is no range"),
        (["--knowledge", "nowhere.git", "--range", "--all..HEAD"], "there is no commit --all"),
    ],
)
def test_what_is_missing_or_wrong_is_named_and_the_status_is_not_0(world, arguments, said):
    result = world.analyze(world.upstream, *arguments)
    assert result.exit_code != 0
    assert said in result.output


def test_a_folder_that_is_no_repository_is_named(world):
    result = world.analyze(world.folder, "--knowledge", str(world.base))
    assert result.exit_code == 1
    assert "not a git repository" in result.output


def test_a_base_that_cannot_be_read_fails_the_run_and_leaves_the_analysis(world):
    first, second, *_ = world.shas
    world.in_actions(NO_COMMIT, first, name="one")
    (path,) = (path for path in world.stored() if path.startswith("history/"))
    world.store.commit({path: b"{broken\n"}, message="x", expected_head=world.store.head())
    result = world.in_actions(first, second, name="two")
    assert result.exit_code == 1
    assert path in result.output


@pytest.mark.parametrize("event", [b"", b'{"ref": "refs/heads/main"}', b"[" * 100_000])
def test_an_event_file_that_is_none_is_named(world, event):
    environment = run_environment(world.folder / "run", {})
    (world.folder / "run" / "event.json").write_bytes(event)
    result = world.analyze(world.upstream, "--knowledge", str(world.base), env=environment)
    assert result.exit_code == 1
    assert "GITHUB_EVENT_PATH" in result.output


def test_a_checkout_without_the_history_of_the_push_is_refused_with_the_remedy(world):
    first, *_, last = world.shas
    result = world.in_actions(first, last, depth=1)
    assert result.exit_code == 1
    assert "fetch-depth: 0" in result.output
    assert world.stored() == {}


def test_elsewhere_the_newest_commit_is_the_push(world):
    result = world.analyze(world.upstream, "--knowledge", str(world.base))
    assert result.exit_code == 0, result.output
    assert world.shas[-1][:7] in result.output
    (page,) = world.store.read(["repositories/"], at=world.store.head()).values()
    assert read_projection(page).repository_id.startswith("local/")
