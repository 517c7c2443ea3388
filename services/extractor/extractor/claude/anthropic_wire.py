"""What goes to Anthropic's Messages API and what comes back, as values: no connection and no SDK."""

import logging
import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from devnexus.values import load_json
from extractor.claude.request import Answered, NotAnswered, Request, Usage

LONGEST_REST_SECONDS = 3600.0

EFFORT = "medium"
"""What https://platform.claude.com/docs/en/models/sonnet-5-5/migration-guide starts with. Claude thinks
before it answers, which cannot be turned off; less thought makes JSON wrong where it has to be worked out."""

_STOPS: Mapping[str | None, Literal["complete", "cut", "refused"]] = {
    "end_turn": "complete",
    "max_tokens": "cut",
    "model_context_window_exceeded": "cut",
    "refusal": "refused",
}
_STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_BECAUSE = {
    401: "Anthropic does not take the key: see ANTHROPIC_API_KEY",
    402: "Anthropic is not paid: see Billing in its console",
    403: "Anthropic does not let the key do this: see ANTHROPIC_API_KEY, and what its workspace may do",
    404: "Anthropic knows neither model nor address: see CLAUDE_MODEL, CLAUDE_BULK_MODEL, ANTHROPIC_BASE_URL",
    413: "more was asked at once than Anthropic takes",
    429: "Anthropic's limits are reached",
    529: "Claude is overloaded",
}
_NEVER = ("prompt is too long", "content filtering")
"""Other requests that are refused as invalid may be answered one day: a spend limit looks like them."""

_log = logging.getLogger(__name__)


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True)


_Tokens = Annotated[int, Field(ge=0)]


class _Block(_Wire):
    type: str
    text: str = ""


class _Usage(_Wire):
    input_tokens: _Tokens = 0
    output_tokens: _Tokens = 0
    cache_read_input_tokens: _Tokens | None = None
    cache_creation_input_tokens: _Tokens | None = None


class Message(_Wire):
    """An answer."""

    model: str
    content: tuple[_Block, ...]
    stop_reason: str | None
    usage: _Usage

    def answered(self) -> Answered:
        """The same in our words."""
        if self.stop_reason not in _STOPS:
            _log.warning("Claude stopped for a reason that we do not know: %.40r", self.stop_reason)
        usage = self.usage
        return Answered(
            text="".join(block.text for block in self.content if block.type == "text"),
            stop=_STOPS.get(self.stop_reason, "cut"),
            usage=Usage(
                input_tokens=usage.input_tokens,
                output_tokens=usage.output_tokens,
                cache_read_tokens=usage.cache_read_input_tokens or 0,
                cache_write_tokens=usage.cache_creation_input_tokens or 0,
            ),
            model=self.model,
        )


class Fault(_Wire):
    """Why there is no answer."""

    type: str = ""
    message: str = ""

    def not_answered(self, status: int | None = None, retry_after: str | None = None) -> NotAnswered:
        """The same for people; what Anthropic says itself may repeat what it was asked, and is left out."""
        status = status or _STATUSES.get(self.type, 500)
        never = status == 413 or status == 400 and any(words in self.message.lower() for words in _NEVER)
        usual = "Anthropic has a fault" if status >= 500 else "Anthropic refuses the request"
        kind = self.type if self.type in _STATUSES else "unknown error"
        return NotAnswered(
            because=_BECAUSE.get(status) or f"{usual} ({status}, {kind})",
            for_good=never,
            retry_after_seconds=_seconds(retry_after),
        )


class ErrorBody(_Wire):
    """How a fault is told."""

    error: Fault = Fault()


class BatchResult(_Wire):
    """What became of one request of a batch."""

    type: str
    message: Message | None = None
    error: ErrorBody = ErrorBody()

    def told(self) -> Answered | NotAnswered:
        """The same in our words."""
        if self.message is not None:
            return self.message.answered()
        if self.type == "errored":
            return self.error.error.not_answered()
        expired = "Claude did not get round to it within a day"
        return NotAnswered(expired if self.type == "expired" else "the batch was called off")


class BatchLine(_Wire):
    """One line of the results of a batch."""

    custom_id: str
    result: BatchResult


_T = TypeVar("_T", bound=_Wire)


def read(type_: type[_T], content: bytes | str) -> _T:
    """What came; ValueError where it is none."""
    return type_.model_validate(load_json(content))


def fault_of(body: object) -> Fault:
    """The fault that the body of an answer tells of, an empty one where it tells of none."""
    try:
        return ErrorBody.model_validate(body).error
    except ValueError:
        return Fault()


def parameters(request: Request) -> dict[str, Any]:  # what the SDK's create() takes by name
    """What the API is sent for a question: nothing that the models of today refuse."""
    return {
        "model": request.model,
        "max_tokens": request.max_tokens,
        "system": [_cached(request.brief), _cached(request.repository)],
        "messages": [{"role": "user", "content": _writable(request.material)}],
        "output_config": {
            "effort": EFFORT,
            "format": {"type": "json_schema", "schema": dict(request.schema)},
        },
    }


def _cached(text: str) -> Mapping[str, object]:
    return {"type": "text", "text": _writable(text), "cache_control": {"type": "ephemeral"}}


def _writable(text: str) -> str:
    """`text` without halves of surrogate pairs."""
    return text.encode(errors="replace").decode()


def _seconds(retry_after: str | None) -> float | None:
    try:
        seconds = float(retry_after or "")
    except ValueError:
        return None  # none, or a date, which Anthropic does not send
    return min(max(seconds, 0.0), LONGEST_REST_SECONDS) if math.isfinite(seconds) else None
