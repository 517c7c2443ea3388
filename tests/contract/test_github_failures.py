"""Whatever goes wrong at whichever request: the base is as before or as it should be, and the caller knows.

The faults come from the gate; what they leave behind is looked at in the backend itself.
"""

import base64
import itertools
import json
import re
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from fakes.github import FakeGitHub
from fakes.github_emulate import Emulate
from fakes.github_gate import SECONDARY_LIMIT, WRITING_TOKEN, Fault, Kind, Request, Response
from fakes.github_world import GitHubWorld, running_github

from devnexus.errors import Unavailable
from devnexus.knowledge.store import Conflict, Damaged

PATIENCE_SECONDS = 8.0

READ_STEPS = {
    "branch": ("GET", "/git/ref/"),
    "commit": ("GET", "/git/commits/"),
    "folder": ("GET", "/git/trees/"),
    "content": ("GET", "/git/blobs/"),
    "address of the archive": ("GET", "/tarball/"),
    "archive": ("GET", "^/_archive/"),
}
WRITE_STEPS = {
    "look at the branch": ("GET", "/git/ref/"),
    "store content": ("POST", "/git/blobs"),
    "make folders": ("POST", "/git/trees"),
    "make the commit": ("POST", "/git/commits"),
    "move the branch": ("PATCH", "/git/refs/"),
}


FILES = {f"data/{number % 3}/{number}": b"%d" % number for number in range(33)}
Shared = tuple[GitHubWorld, str, str]
"""A GitHub, the name of a base in it, and the revision of it that holds FILES."""

COUNTER = itertools.count()


@dataclass(frozen=True)
class Failure:
    kind: Kind = "status"
    status: int = 0
    message: str = "It says"
    headers: dict[str, str] = field(default_factory=dict)

    def at(self, step: tuple[str, str], *, applied: bool = False, times: int = 99) -> Fault:
        method, path = step
        return Fault(
            method,
            path,
            kind=self.kind,
            status=self.status,
            message=self.message,
            headers=self.headers,
            applied=applied,
            times=times,
        )


FAILURES = {
    "401": Failure(status=401, message="Bad credentials"),
    "403 permission": Failure(status=403, message="Resource not accessible by integration"),
    "403 limit, Retry-After": Failure(status=403, message=SECONDARY_LIMIT, headers={"Retry-After": "1800"}),
    "403 limit": Failure(status=403, message=SECONDARY_LIMIT),
    "404": Failure(status=404, message="Not Found"),
    "409": Failure(status=409, message="Conflict"),
    "422": Failure(status=422, message="Validation Failed"),
    "429, Retry-After": Failure(status=429, headers={"Retry-After": "1800"}),
    "429": Failure(status=429),
    "502": Failure(status=502),
    "204": Failure(status=204),
    "an answer of another shape": Failure(status=200, message="Hello"),
    "timeout": Failure("timeout"),
    "connection cut": Failure("cut"),
    "body cut": Failure("truncated"),
}


def attempt(act: Callable[[], object]) -> Exception | None:
    """What it raised; it may raise only what Store promises, without long waits, and no secret in it."""
    start = time.monotonic()
    try:
        act()
    except (Unavailable, Conflict, Damaged) as error:
        shown = "".join(traceback.format_exception(error))
        assert WRITING_TOKEN not in shown and "token=once" not in shown
        return error
    finally:
        assert time.monotonic() - start < PATIENCE_SECONDS
    return None


@pytest.fixture
def shared(one_base: Shared) -> Iterator[Shared]:
    """The base of this module, without faults."""
    yield one_base
    one_base[0].gate.faults = []


@pytest.fixture(scope="module")
def one_base(github_backend: FakeGitHub | Emulate) -> Iterator[Shared]:
    """A base that all failures happen to, one after another."""
    with running_github(github_backend) as world:
        name = world.new_base()
        store = world.store(name)
        filled = store.commit(dict(FILES), message="m", expected_head=store.head())
        store.commit({"other": b"1"}, message="m", expected_head=filled)
        yield world, name, filled
        if isinstance(world.backend, FakeGitHub):
            world.backend.check(name)


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("step", READ_STEPS)
def test_a_read_that_fails_is_never_an_empty_one(
    shared: Shared, step: str, failure: str, caplog: pytest.LogCaptureFixture
) -> None:
    github, name, revision = shared
    store = github.store(name)
    paths = ["data/"] if "archive" in step else ["data/0/0", "data/1/"]
    wanted = {path: content for path, content in FILES.items() if path.startswith(tuple(paths))}

    github.gate.faults = [FAILURES[failure].at(READ_STEPS[step])]
    got: list[dict[str, bytes]] = []
    error = attempt(lambda: got.append(store.read(paths, at=revision)))
    if step == "branch":
        error = attempt(store.head)
    without_body = failure == "body cut" and step in {"address of the archive", "branch"}  # a 302, a 304
    assert error is not None or without_body, "it went wrong each time"
    assert got in ([], [wanted])
    if "Retry-After" in failure:
        assert isinstance(error, Unavailable) and error.retry_after_seconds == 1800

    github.gate.faults = []
    assert store.head() == github.backend.head(name)
    assert store.read(paths, at=revision) == wanted
    assert WRITING_TOKEN not in caplog.text and "token=once" not in caplog.text


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after it was done"])
@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("step", WRITE_STEPS)
def test_a_commit_is_made_whole_or_not_at_all(shared: Shared, step: str, failure: str, applied: bool) -> None:
    github, name, _ = shared
    store, number = github.store(name), next(COUNTER)
    old = store.commit({"a/b": b"1", "c": b"%d" % number}, message="m", expected_head=store.head())
    before = github.backend.files(name)
    changes: dict[str, bytes | None] = {"a/b": None, "c": b"2", "large": b"\xff%d" % number}
    after = {**before, "c": b"2", "large": b"\xff%d" % number}
    del after["a/b"]

    github.gate.requests.clear()
    github.gate.faults = [FAILURES[failure].at(WRITE_STEPS[step], applied=applied, times=1)]
    made: list[str] = []
    error = attempt(lambda: made.append(store.commit(changes, message="m", expected_head=old)))
    assert github.gate.faults[0].seen
    if error is None:
        assert github.backend.files(name) == after
        assert github.backend.head(name) == made[0]
    else:
        assert github.backend.files(name) == before
        assert github.backend.head(name) == old
        assert step != "move the branch" or not applied, "that it arrived can be seen"
    for method, path in list(WRITE_STEPS.values())[1:]:
        assert github.gate.asked(method, f"{name}{path}") <= 1, "sent once"

    github.gate.faults = []
    if error is not None:
        store.commit(changes, message="m", expected_head=store.head())
    assert github.backend.files(name) == after
    assert store.read(["c", "a/", "large"], at=store.head()) == {"c": b"2", "large": after["large"]}


@pytest.mark.parametrize("step", ["content", "move the branch"])
def test_when_the_hour_is_used_up_we_say_how_long_until_the_next(github: GitHubWorld, step: str) -> None:
    name = github.new_base()
    store = github.store(name)
    reset = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 1800)}
    used_up = Failure(status=403, message="API rate limit exceeded for installation ID 1.", headers=reset)
    github.gate.faults = [used_up.at((READ_STEPS | WRITE_STEPS)[step])]
    if step == "content":
        error = attempt(lambda: store.read(["README.md"], at=store.head()))
    else:
        error = attempt(lambda: store.commit({"a": b"1"}, message="m", expected_head=store.head()))
        assert store.pause_seconds() > 1700
    assert isinstance(error, Unavailable) and 1700 < (error.retry_after_seconds or 0) <= 1801


def test_an_archive_that_nobody_serves_keeps_its_address_secret(github: GitHubWorld) -> None:
    name = github.new_base()
    store, writer = github.store(name), github.store(name)
    revision = writer.commit(dict(FILES), message="m", expected_head=writer.head())
    nobody = {"Location": "http://127.0.0.1:1/archive?token=once"}
    github.gate.faults = [Failure(status=302, headers=nobody).at(READ_STEPS["address of the archive"])]
    assert isinstance(attempt(lambda: store.read(["data/"], at=revision)), Unavailable)


def answering_otherwise(github: GitHubWorld, path: str, change: Callable[[Any], None]) -> None:
    """From now on answers to requests at `path` are whole and of the right shape, but not what is stored."""
    honest = github.gate.exchange

    def exchange(request: Request) -> Response | None:
        done = honest(request)
        if done is None or not re.search(path, request.path):
            return done
        body = json.loads(done.body)
        change(body)
        return Response(done.status, json.dumps(body).encode(), done.headers)

    github.gate.exchange = exchange  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/git/blobs/", lambda body: body.update(content=base64.b64encode(b"other").decode())),
        ("/git/blobs/", lambda body: body.update(content="")),
        ("/git/trees/", lambda body: body["tree"].pop()),
        ("/git/trees/", lambda body: body["tree"][-1].update(sha="0" * 40)),
        ("/git/commits/", lambda body: body.update(sha="0" * 40)),
    ],
)
def test_what_arrives_other_than_it_is_stored_is_never_taken_for_it(
    github: GitHubWorld, path: str, change: Callable[[Any], None]
) -> None:
    name = github.new_base()
    store, writer = github.store(name), github.store(name)
    revision = writer.commit({"a/b": b"1", "a/c/d": b"2"}, message="m", expected_head=writer.head())
    answering_otherwise(github, path, change)
    with pytest.raises(Unavailable):
        store.read(["a/"], at=revision)
    with pytest.raises(Unavailable):
        store.read(["a/b"], at=revision)


@pytest.mark.parametrize("path", ["/git/blobs$", "/git/trees$", "/git/commits$"])
def test_what_github_makes_other_than_it_was_asked_to_is_not_committed(
    github: GitHubWorld, path: str
) -> None:
    name = github.new_base()
    store = github.store(name)
    before = github.backend.files(name)

    def change(body: Any) -> None:  # noqa: ANN401 - parsed JSON
        body.update(sha="0" * 40, tree={"sha": "0" * 40})

    answering_otherwise(github, path, change)
    with pytest.raises(Damaged):
        store.commit({"a": b"\xff", "README.md": None}, message="m", expected_head=store.head())
    assert github.backend.files(name) == before


def test_a_refused_branch_of_which_nobody_can_tell_is_unavailable_and_harmless(github: GitHubWorld) -> None:
    name = github.new_base()
    store = github.store(name)
    head = store.head()
    github.gate.faults = [
        Failure("timeout").at(WRITE_STEPS["move the branch"], applied=True),
        Fault("GET", "/git/ref/", status=502, nth=2, times=99),
    ]
    with pytest.raises(Unavailable):
        store.commit({"a": b"1"}, message="m", expected_head=head)
    github.gate.faults = []
    with pytest.raises(Conflict):
        store.commit({"a": b"1"}, message="m", expected_head=head)
    assert store.read(["a"], at=store.head()) == {"a": b"1"}, "found by whoever redoes it"


def test_a_commit_whose_answer_got_lost_is_found_below_what_others_added(github: GitHubWorld) -> None:
    name = github.new_base()
    store, other = github.store(name), github.store(name)
    head = store.head()
    gate_lets_in = github.gate.exchange

    def then_another_commits(request: object) -> object:
        done = gate_lets_in(request)  # type: ignore[arg-type]
        if done is None:
            github.gate.exchange = gate_lets_in  # type: ignore[method-assign]
            for number in range(3):
                other.commit({f"o{number}": b"1"}, message="m", expected_head=other.head())
        return done

    github.gate.exchange = then_another_commits  # type: ignore[assignment, method-assign]
    github.gate.faults = [Failure("cut").at(WRITE_STEPS["move the branch"], applied=True, times=1)]
    revision = store.commit({"a": b"1"}, message="m", expected_head=head)
    assert revision in [one.id for one in store.log(store.head())]
    assert {"a", "o0", "o1", "o2"} <= github.backend.files(name).keys()


def test_another_who_was_faster_in_the_last_moment_is_a_conflict(github: GitHubWorld) -> None:
    name = github.new_base()
    store, other = github.store(name), github.store(name)
    head = store.head()
    gate_lets_in = github.gate.exchange

    def just_before(request: object) -> object:
        if request.method == "PATCH":  # type: ignore[attr-defined]
            github.gate.exchange = gate_lets_in  # type: ignore[method-assign]
            other.commit({"a": b"other"}, message="m", expected_head=other.head())
        return gate_lets_in(request)  # type: ignore[arg-type]

    github.gate.exchange = just_before  # type: ignore[assignment, method-assign]
    with pytest.raises(Conflict):
        store.commit({"a": b"1"}, message="m", expected_head=head)
    assert github.backend.files(name)["a"] == b"other"
