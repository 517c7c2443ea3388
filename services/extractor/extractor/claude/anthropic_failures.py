"""What Anthropic's errors mean: whether it was paid for, and what a person can do about it."""

from collections.abc import Mapping
from typing import Any

from extractor.claude.request import NotAnswered

_TOO_MANY, _OVERLOADED, _SERVER_ERROR = 429, 529, 500
_LONGEST_WAIT_SECONDS = 3600.0
_REMEDIES: Mapping[int, str] = {
    400: "Anthropic's API refused the question as malformed",
    401: "Anthropic's API refused the key: see ANTHROPIC_API_KEY",
    402: "Anthropic's account has no credit left",
    403: "the key may not be used for this: see ANTHROPIC_API_KEY",
    404: "Anthropic's API does not know the model: see CLAUDE_MODEL and CLAUDE_BULK_MODEL",
    413: "the question was too large",
}
_WRONG_QUESTION = frozenset({400, 413, 422})
"""The very same question would be refused again; a key, an account and a model's name can be mended."""


def refused(status: int, retry_after: str | None) -> NotAnswered:
    """What an answer with this HTTP status means; its text is not shown, since it may quote the question."""
    seconds = _seconds(retry_after)
    if status == _TOO_MANY:
        return NotAnswered("Claude's rate limit is reached", retry_after_seconds=seconds)
    if status == _OVERLOADED:
        return NotAnswered("Claude is overloaded", retry_after_seconds=seconds)
    if status >= _SERVER_ERROR:
        return NotAnswered(f"Anthropic's API failed with status {status}", retry_after_seconds=seconds)
    text = _REMEDIES.get(status, f"Anthropic's API refused the question with status {status}")
    return NotAnswered(text, for_good=status in _WRONG_QUESTION, retry_after_seconds=seconds)


def may_be_tried_again(status: int) -> bool:
    """Whether the same question may be answered a moment later."""
    return status in {408, 409, _TOO_MANY} or status >= _SERVER_ERROR


def refused_in_batch(error: Mapping[str, Any]) -> NotAnswered:
    """What the error of one request of a batch means."""
    kind = str(error.get("type", "unknown"))
    is_wrong = kind in {"invalid_request_error", "request_too_large"}
    return NotAnswered(f"Claude refused it in a batch: {kind[:60]}", for_good=is_wrong)


def _seconds(retry_after: str | None) -> float | None:
    try:
        seconds = float(retry_after or "")
    except ValueError:
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT_SECONDS) if seconds == seconds else None
