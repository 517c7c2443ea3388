"""Where the App is installed: the webhooks `installation` and `installation_repositories`.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#installation
"""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from devnexus.events import RepositoryRegistered, RepositoryRemoved, SnapshotRequested
from devnexus.repository import Repository
from webhook_receiver.wire import Delivery, Ignored, Parsed, Told, Wire, WireRepository, read

_FOLLOWED = frozenset({"created", "unsuspend"})
_LEFT = frozenset({"deleted", "suspend"})


class _Account(Wire):
    html_url: str | None = None


class _Installed(Wire):
    account: _Account | None = None


class _Installation(Wire):
    action: str
    installation: _Installed
    repositories: tuple[WireRepository, ...] = ()


class _Selection(Wire):
    installation: _Installed
    repositories_added: tuple[WireRepository, ...] = ()
    repositories_removed: tuple[WireRepository, ...] = ()


def parse_installation(delivery: Delivery) -> Parsed:
    """Every repository of an installation that begins or ends; raise Malformed if it is no such payload."""
    told = read(_Installation, delivery.payload)
    repositories = _on_host(told.repositories, told.installation)
    if told.action in _FOLLOWED:
        return tuple(event for one in repositories for event in followed(one, delivery))
    if told.action in _LEFT:
        return tuple(left(one, delivery) for one in repositories)
    return Ignored(f"installation {told.action} changes nothing here")


def parse_selection(delivery: Delivery) -> Parsed:
    """The repositories that an installation was extended to, or taken from."""
    told = read(_Selection, delivery.payload)
    removed = _on_host(told.repositories_removed, told.installation)
    added = _on_host(told.repositories_added, told.installation)
    return (
        *(left(one, delivery) for one in removed),
        *(event for one in added for event in followed(one, delivery)),
    )


def followed(repository: Repository, delivery: Delivery) -> Iterator[Told]:
    """The repository is followed from now on, and read as it is."""
    yield RepositoryRegistered(cause="snapshot", repository=repository, at=delivery.at, asked_by=delivery.id)
    yield SnapshotRequested(cause="snapshot", repository=repository, asked_by=delivery.id)


def left(repository: Repository, delivery: Delivery) -> RepositoryRemoved:
    """The repository is followed no longer."""
    return RepositoryRemoved(cause="live", repository=repository, at=delivery.at, asked_by=delivery.id)


def _on_host(repositories: Iterable[WireRepository], installation: _Installed) -> list[Repository]:
    url = installation.account.html_url if installation.account else None
    host = urlsplit(url).netloc.lower() if url else "github.com"
    return [one.repository(host=host) for one in repositories]
