"""What the tests across services share: the Pub/Sub and the database that they run against."""

from collections.abc import Iterator
from pathlib import Path

import pytest
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
