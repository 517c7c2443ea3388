"""One question to Claude and its answer, whatever carries them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from devnexus.values import Value


@dataclass(frozen=True)
class Request:
    """Everything that one call sends."""

    model: str
    brief: str
    """The first part of the system prompt, the same for the whole organisation: cached."""
    repository: str
    """The second part, the same for every push to the repository: cached."""
    material: str
    """The user's turn: the fenced pieces."""
    schema: Mapping[str, Any]
    """JSON Schema of the answer."""
    max_tokens: int


class Usage(Value):
    """What a call took."""

    input_tokens: int = 0
    """Those that were neither written to the cache nor read from it."""
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


@dataclass(frozen=True)
class Answered:
    """What came back and has to be paid for, whether it is of use or not."""

    text: str
    stop: Literal["complete", "cut", "refused"]
    usage: Usage
    model: str
    """The model that says it answered."""


@dataclass(frozen=True)
class NotAnswered:
    """No answer, and nothing to be paid."""

    because: str
    """In words for people, such as `Claude is overloaded`."""
    for_good: bool = False
    """Whether the very same request will never be answered."""
    retry_after_seconds: float | None = None


class Model(Protocol):
    """Claude, asked at once."""

    def ask(self, request: Request) -> Answered | NotAnswered:
        """The answer; a refusal of the service, its silence and a lost connection are NotAnswered.

        Raises OutcomeUnknown where the request was sent and nobody knows whether it was answered.
        """


class OutcomeUnknown(Exception):
    """The request may have been answered and paid for: it must not be sent again by itself."""


class Batches(Protocol):
    """Claude, asked for half the price, within a day."""

    def send(self, requests: Mapping[str, Request]) -> str:
        """Send requests by their ids ([A-Za-z0-9_-]{1,64}) and return the id of the batch.

        Raises Unavailable where nothing was sent; OutcomeUnknown where nobody knows.
        """

    def answers(self, batch: str) -> Mapping[str, Answered | NotAnswered] | None:
        """Request id → answer; None while the batch is not done. Raises Unavailable."""

    def sent_since(self, at: datetime) -> list[str]:
        """Ids of the batches that were made at `at` or later: after a crash one of them may be ours."""
