"""What the tests across services share: the Pub/Sub that they run against."""

from collections.abc import Iterator

import pytest

from devnexus_cli.embedded_pubsub.server import EmbeddedPubSub
from devnexus_cli.pubsub_backends import start_pubsub


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pubsub",
        choices=("embedded", "google"),
        default="embedded",
        help="the Pub/Sub that the contract tests talk to: the embedded server, or Google's emulator",
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
