"""What happens to a repository itself: the webhook `repository`.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#repository
"""

from collections.abc import Callable, Mapping

from pydantic import Field, ValidationError

from devnexus.events import RepositoryChanged, RepositoryRenamed, SnapshotRequested
from devnexus.events.event import describe
from devnexus.repository import Repository
from webhook_receiver.github_installation import followed, left
from webhook_receiver.wire import Delivery, Ignored, Malformed, Parsed, Wire, WireRepository, read

_VISIBILITIES = frozenset({"public", "private", "internal"})


class _Login(Wire):
    login: str


class _Owner(Wire):
    user: _Login | None = None
    organization: _Login | None = None


class _FormerOwner(Wire):
    was: _Owner | None = Field(None, alias="from")


class _Former(Wire):
    was: str | None = Field(None, alias="from")


class _Named(Wire):
    name: _Former = _Former()


class _Changes(Wire):
    repository: _Named = _Named()
    owner: _FormerOwner = _FormerOwner()
    default_branch: _Former | None = None


class _Change(Wire):
    action: str
    repository: WireRepository
    changes: _Changes = _Changes()


def parse_repository(delivery: Delivery) -> Parsed:
    """The events in a change of a repository, or why there are none; raise Malformed if it is none."""
    change = read(_Change, delivery.payload)
    repository = change.repository.repository()
    parse = _ACTIONS.get(change.action)
    if parse is None:
        return Ignored(f"repository {change.action} changes nothing here")
    try:
        return parse(change, repository, delivery)
    except ValidationError as error:
        raise Malformed(describe(error)) from error


def parse_departure(delivery: Delivery, former: str) -> Parsed:
    """A transfer to somebody whom we do not listen to: the repository is followed no longer."""
    repository = read(_Change, delivery.payload).repository.repository()
    name = f"{former}/{repository.name.partition('/')[2]}"
    return (left(repository.model_copy(update={"name": name, "url": None}), delivery),)


def former_owner(payload: object) -> str | None:
    """Whose the repository was, where a webhook tells that it was transferred."""
    was = read(_Change, payload).changes.owner.was
    account = was and (was.organization or was.user)
    return account.login if account else None


def _renamed(change: _Change, repository: Repository, delivery: Delivery) -> Parsed:
    owner, name = repository.name.split("/")
    former = former_owner(delivery.payload) or owner, change.changes.repository.name.was or name
    if former == (owner, name):
        return Ignored("it does not say that the repository was called otherwise")
    return (
        RepositoryRenamed(
            cause="live",
            repository=repository,
            at=delivery.at,
            asked_by=delivery.id,
            former_name="/".join(former),
        ),
    )


def _visibility(change: _Change, repository: Repository, delivery: Delivery) -> Parsed:
    told = change.repository.visibility
    seen = "private" if repository.private else "public"
    return (_changed(repository, delivery, visibility=told if told in _VISIBILITIES else seen),)


def _archived(change: _Change, repository: Repository, delivery: Delivery) -> Parsed:
    return (_changed(repository, delivery, archived=change.action == "archived"),)


def _edited(change: _Change, repository: Repository, delivery: Delivery) -> Parsed:
    if change.changes.default_branch is None:
        return Ignored("what was edited is not kept here")
    return (
        _changed(repository, delivery, default_branch=repository.default_branch),
        SnapshotRequested(cause="snapshot", repository=repository, asked_by=delivery.id),
    )


def _changed(repository: Repository, delivery: Delivery, **fields: object) -> RepositoryChanged:
    common = {"cause": "live", "repository": repository, "at": delivery.at, "asked_by": delivery.id}
    return RepositoryChanged.model_validate({**common, **fields})


_ACTIONS: Mapping[str, Callable[[_Change, Repository, Delivery], Parsed]] = {
    "created": lambda _, repository, delivery: tuple(followed(repository, delivery)),
    "deleted": lambda _, repository, delivery: (left(repository, delivery),),
    "renamed": _renamed,
    "transferred": _renamed,
    "publicized": _visibility,
    "privatized": _visibility,
    "archived": _archived,
    "unarchived": _archived,
    "edited": _edited,
}
