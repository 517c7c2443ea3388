"""What a test makes of Claude: what it is asked, and what it replies (see `fakes.anthropic_server`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Asked:
    """One question, as it was sent."""

    path: str
    headers: Mapping[str, str]
    """By their names in lower case; those of the whole batch for a request in one."""
    body: Mapping[str, Any]
    custom_id: str | None = None
    """Its name within a batch."""

    @property
    def model(self) -> str:
        return str(self.body["model"])

    @property
    def system(self) -> list[str]:
        """The parts of the system prompt."""
        return [part["text"] for part in self.body.get("system", ())]

    @property
    def material(self) -> str:
        """The user's turn."""
        content = self.body["messages"][0]["content"]
        return content if isinstance(content, str) else "".join(part["text"] for part in content)


@dataclass(frozen=True)
class Says:
    """An answer that is paid for."""

    text: str | Mapping[str, Any]
    stop: str = "end_turn"
    """`max_tokens` cuts the text in half; `refusal` leaves it out."""
    thinks: bool = True
    """Whether a block of thoughts stands before the text."""


@dataclass(frozen=True)
class Fails:
    """An error in place of an answer."""

    status: int
    type: str = "api_error"
    message: str = "something went wrong"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class HangsUp:
    """The connection is reset once the request was read: nobody knows whether it is paid for."""


@dataclass(frozen=True)
class Late:
    """The reply comes after so many seconds, or when the server ends."""

    seconds: float
    then: "Reply" = "{}"


@dataclass(frozen=True)
class Expires:
    """Nobody got round to this request of a batch within a day."""


@dataclass(frozen=True)
class Cancelled:
    """Somebody called the batch off."""


Reply = str | Mapping[str, Any] | Says | Fails | HangsUp | Late | Expires | Cancelled


def limited(seconds: float | None = None) -> Fails:
    """Too many requests, and when to come again."""
    headers = {} if seconds is None else {"retry-after": f"{seconds:g}"}
    return Fails(429, "rate_limit_error", "This would exceed your organization's rate limit", headers)


OVERLOADED = Fails(529, "overloaded_error", "Overloaded")
