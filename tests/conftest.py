"""What the tests across services share: the Pub/Sub and the database that they run against."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.anthropic_aimock import Aimock, running_aimock
from fakes.anthropic_server import FakeClaude
from fakes.github import FakeGitHub
from fakes.github_emulate import Emulate, running_emulate
from fakes.github_world import GitHubWorld, running_github
from fakes.slack import FakeSlack
from fakes.slack_emulate import EmulatedSlack, running_slack
from postgresql import PostgreSQL, running_postgresql

from devnexus_cli.embedded_pubsub.server import EmbeddedPubSub
from devnexus_cli.pubsub_backends import start_pubsub


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pubsub",
        choices=("embedded", "google", "docker"),
        default="embedded",
        help="the Pub/Sub that tests talk to: the embedded server, or Google's emulator, also in a container",
    )
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="the operational store that the contract tests use: a SQLite file, or a PostgreSQL of their own",
    )
    parser.addoption(
        "--github",
        choices=("fake", "emulate"),
        default="fake",
        help="what stands for GitHub: a small fake over real git repositories, or Vercel's emulate (Node)",
    )
    parser.addoption(
        "--slack",
        choices=("fake", "emulate"),
        default="fake",
        help="what stands for Slack: a small strict fake, or Vercel's emulate (Node)",
    )
    parser.addoption(
        "--claude",
        choices=("double", "aimock"),
        default="double",
        help="what stands for Claude: a small strict server of ours, or npm's aimock (Node)",
    )
    parser.addoption(
        "--stack",
        choices=("processes", "compose"),
        default="processes",
        help="what the end-to-end tests start: each service as a process, or docker-compose.yml",
    )


_BACKENDS = {
    "--pubsub": ("embedded", {"pubsub"}),
    "--database": ("sqlite", {"database_url"}),
    "--github": ("fake", {"github_backend", "github"}),
    "--slack": ("fake", {"slack"}),
    "--claude": ("double", {"claude"}),
    "--stack": ("processes", {"start_stack", "played"}),
}
"""Option → what it is where nobody asks; the fixtures, and the parameters, that depend on it."""
_RUN_ONCE = {"contract", "e2e"}
"""Folders whose tests `make test` runs with what nobody asked for."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where another backend is asked for, leave out the tests that would not meet it."""
    asked = [fixtures for option, (usual, fixtures) in _BACKENDS.items() if config.getoption(option) != usual]
    if not asked:
        return
    wanted = set[str]().union(*asked)
    left_out = [
        item for item in items if item.path.parent.name in _RUN_ONCE and wanted.isdisjoint(_needs(item))
    ]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


def _needs(item: pytest.Item) -> set[str]:
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    named = (value for value in parameters if isinstance(value, str))
    return {*getattr(item, "fixturenames", ()), *named}


@pytest.fixture(scope="session")
def pubsub(request: pytest.FixtureRequest) -> Iterator[str]:
    """The host:port of a Pub/Sub that runs until the last test has ended."""
    choice = request.config.getoption("--pubsub")
    if choice == "embedded":
        with EmbeddedPubSub() as server:
            yield server.endpoint
    else:
        with start_pubsub(choice) as endpoint:
            yield endpoint


@pytest.fixture(scope="session")
def github_backend(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FakeGitHub | Emulate]:
    """What knows the repositories of a GitHub, until the last test has ended."""
    if request.config.getoption("--github") == "fake":
        yield FakeGitHub(tmp_path_factory.mktemp("github"))
    else:
        with running_emulate() as emulate:
            yield emulate


@pytest.fixture
def github(github_backend: FakeGitHub | Emulate) -> Iterator[GitHubWorld]:
    """A GitHub without faults and limits."""
    with running_github(github_backend) as world:
        yield world


@pytest.fixture(scope="session")
def emulated_slack() -> Iterator[str]:
    """The address of emulate's Slack, until the last test has ended."""
    with running_slack() as base:
        yield base


@pytest.fixture
def slack(request: pytest.FixtureRequest) -> Iterator[FakeSlack | EmulatedSlack]:
    """A Slack of the kind that `--slack` names."""
    if request.config.getoption("--slack") == "fake":
        with FakeSlack() as fake:
            yield fake
    else:
        yield EmulatedSlack(request.getfixturevalue("emulated_slack"))


@pytest.fixture(scope="session")
def running_claude() -> Iterator[str]:
    """The address of an aimock, until the last test has ended."""
    with running_aimock() as url:
        yield url


@pytest.fixture
def claude(request: pytest.FixtureRequest) -> Iterator[FakeClaude | Aimock]:
    """A Claude of the kind that `--claude` names."""
    if request.config.getoption("--claude") == "double":
        with FakeClaude() as double:
            yield double
    else:
        yield Aimock(request.getfixturevalue("running_claude"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL server that runs until the last test has ended."""
    with running_postgresql() as server:
        yield server


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty operational store of the kind that `--database` names."""
    if request.config.getoption("--database") == "sqlite":
        return f"sqlite:///{tmp_path / 'state.db'}"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.new_database()
