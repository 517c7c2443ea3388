"""What all of GitHub's webhooks have in common on the wire: typed at the edge, unknown fields ignored.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from devnexus.events import CommitPushed, Record, SnapshotRequested
from devnexus.events.event import describe
from devnexus.repository import Repository
from devnexus.values import load_json

UNTOLD_BRANCH = "main"
"""Webhooks of installations do not name the default branch; the first snapshot tells it."""

_UUID_EPOCH = datetime(1582, 10, 15, tzinfo=UTC)
_FIRST_WEBHOOK = datetime(2008, 1, 1, tzinfo=UTC)


class Malformed(Exception):
    """The body is not the payload that its kind says; the text names what is wrong with it."""


@dataclass(frozen=True)
class Ignored:
    """A webhook that is none of our business, and why."""

    reason: str


Told = CommitPushed | SnapshotRequested | Record
"""What webhooks tell, each of one repository."""

Parsed = Sequence[Told] | Ignored


@dataclass(frozen=True)
class Delivery:
    """One webhook as it came, its signature verified."""

    kind: str
    id: str
    payload: object
    received_at: datetime

    @property
    def at(self) -> datetime:
        """When GitHub sent it first: a redelivery has the same id, a UUID of version 1, which holds the time.

        Where the id is no such UUID, when it was received.
        """
        try:
            uuid = UUID(self.id)
        except ValueError:
            return self.received_at
        if uuid.version != 1:
            return self.received_at
        sent = _UUID_EPOCH + timedelta(microseconds=uuid.time // 10)
        return sent if _FIRST_WEBHOOK < sent < self.received_at + timedelta(days=1) else self.received_at


class Wire(BaseModel):
    """A part of a payload."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class WireRepository(Wire):
    """A repository as payloads name it; those of installations tell hardly more than the name."""

    id: int
    full_name: str
    html_url: str | None = None
    default_branch: str | None = None
    private: bool = False
    visibility: str | None = None
    pushed_at: int | datetime | None = None
    """Seconds since 1970 in push payloads, an ISO time elsewhere in GitHub's API."""

    def repository(self, *, host: str = "github.com") -> Repository:
        """The repository, on `host` where it does not say where; raise Malformed where it cannot be one."""
        try:
            own_host = urlsplit(self.html_url).netloc.lower() if self.html_url else host
            return Repository(
                id=f"{own_host}/{self.id}",
                name=self.full_name,
                default_branch=self.default_branch or UNTOLD_BRANCH,
                url=self.html_url or f"https://{host}/{self.full_name}",
                private=self.private,
            )
        except ValidationError as error:
            raise Malformed(describe(error)) from error
        except ValueError as error:
            raise Malformed(f"repository: {error}") from error


W = TypeVar("W", bound=Wire)


def load(body: bytes) -> object:
    """The JSON in `body`; raise Malformed where it is none."""
    try:
        return load_json(body)
    except ValueError as error:
        raise Malformed(f"not JSON (the webhook's content type must be application/json): {error}") from error


def read(kind: type[W], payload: object) -> W:
    """`payload` as `kind`; raise Malformed that names the wrong fields."""
    try:
        return kind.model_validate(payload)
    except ValidationError as error:
        raise Malformed(describe(error)) from error
