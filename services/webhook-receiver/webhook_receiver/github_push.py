"""GitHub's `push` webhook, parsed from the wire into what we do with it.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#push
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from devnexus.events import CommitPushed
from devnexus.events.event import describe
from devnexus.git_names import is_no_commit
from devnexus.repository import Repository
from devnexus.values import load_json


class Malformed(Exception):
    """The body is not a push payload; the text names what is wrong with it."""


@dataclass(frozen=True)
class Ignored:
    """A push that is none of our business, and why."""

    reason: str


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _WireRepository(_Wire):
    id: int
    full_name: str
    default_branch: str
    html_url: str
    private: bool = False
    pushed_at: int | datetime | None = None
    """Seconds since 1970 in push payloads, an ISO time elsewhere in GitHub's API."""


class _WirePush(_Wire):
    ref: str
    before: str
    after: str
    deleted: bool = False
    repository: _WireRepository


def parse_push(body: bytes) -> CommitPushed | Ignored:
    """The event in a push payload, or why there is none; raise Malformed if it is no such payload."""
    try:
        wire = _WirePush.model_validate(load_json(body))
    except ValidationError as error:
        raise Malformed(describe(error)) from error
    except ValueError as error:
        raise Malformed(f"not JSON (the webhook's content type must be application/json): {error}") from error
    branch = wire.ref.removeprefix("refs/heads/")
    if wire.deleted or is_no_commit(wire.after):
        return Ignored("the ref was deleted")
    if branch == wire.ref:
        return Ignored("not a branch")
    if branch != wire.repository.default_branch:
        return Ignored("not the default branch")
    return _event(wire)


def _event(wire: _WirePush) -> CommitPushed:
    repository = wire.repository
    if repository.pushed_at is None:
        raise Malformed("repository.pushed_at: missing, and nothing else says when this was")
    try:
        host = urlsplit(repository.html_url).netloc
        return CommitPushed(
            cause="live",
            repository=Repository(
                id=f"{host.lower()}/{repository.id}",
                name=repository.full_name,
                default_branch=repository.default_branch,
                url=repository.html_url,
                private=repository.private,
            ),
            ref=wire.ref,
            before=wire.before,
            after=wire.after,
            pushed_at=_moment(repository.pushed_at),
        )
    except ValidationError as error:
        raise Malformed(describe(error)) from error
    except (ValueError, OverflowError, OSError) as error:
        raise Malformed(f"repository: {error}") from error


def _moment(pushed_at: int | datetime) -> datetime:
    return pushed_at if isinstance(pushed_at, datetime) else datetime.fromtimestamp(pushed_at, UTC)
