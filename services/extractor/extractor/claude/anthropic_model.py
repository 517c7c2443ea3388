"""Claude through Anthropic's Messages API."""

import time
from collections.abc import Callable, Iterable

from anthropic import Anthropic, APIConnectionError, APIStatusError
from httpx2 import HTTPError

from devnexus import tracing
from extractor.claude.anthropic_client import is_unsent, refusal, timeout
from extractor.claude.anthropic_wire import Message, parameters, read
from extractor.claude.request import Answered, NotAnswered, OutcomeUnknown, Request

LONGEST_SECONDS = 240.0
"""For one question, further tries included: Pub/Sub delivers again after 600 s."""

_BACKOFFS_SECONDS = (1.0, 3.0)
_LONGEST_WAIT_SECONDS = 5.0
"""Longer waits that Anthropic asks for are left to the caller."""

_TIMED_OUT_BEHIND = frozenset({504, 524})
"""A gateway gave up waiting for an answer that may yet have been made."""

_MOST_BYTES = 8_000_000
"""Several times what 128,000 tokens, the longest answer, take."""


class AnthropicModel:
    """The Model that `client` leads to.

    A question is put up to three times, but only where Anthropic itself said that it did not answer.
    """

    def __init__(
        self,
        client: Anthropic,
        *,
        longest_seconds: float = LONGEST_SECONDS,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._client = client
        self._longest_seconds = longest_seconds
        self._pause = pause

    @tracing.span("ask Claude", kind="client")
    def ask(self, request: Request) -> Answered | NotAnswered:
        """As promised by Model."""
        until = time.monotonic() + self._longest_seconds
        for backoff in (*_BACKOFFS_SECONDS, None):
            try:
                return _answered(self._send(request, until))
            except APIConnectionError as error:
                if is_unsent(error):
                    return NotAnswered("Anthropic cannot be reached")
                raise OutcomeUnknown("Claude did not answer in time, or the connection was lost") from error
            except HTTPError as error:
                raise OutcomeUnknown("the connection was lost while Claude answered") from error
            except APIStatusError as error:
                if error.status_code in _TIMED_OUT_BEHIND:
                    raise OutcomeUnknown("Anthropic gave up waiting for Claude") from None
                refused = refusal(error)
                wait = _wait(error.status_code, refused, backoff)
                if wait is None or time.monotonic() + wait > until:
                    return refused
                self._pause(wait)
        raise AssertionError("the last try waits for nothing")

    def _send(self, request: Request, until: float) -> bytes:
        left = timeout(max(until - time.monotonic(), 0.001))
        create = self._client.messages.with_streaming_response.create
        with create(**parameters(request), timeout=left) as response:
            return _joined(response.iter_bytes(), until)


def _wait(status: int, refused: NotAnswered, backoff: float | None) -> float | None:
    """Seconds until the next try; None where there is to be none."""
    asked = refused.retry_after_seconds
    if backoff is None or not (status == 429 or status >= 500) or (asked or 0) > _LONGEST_WAIT_SECONDS:
        return None
    return backoff if asked is None else asked


def _joined(chunks: Iterable[bytes], until: float) -> bytes:
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > _MOST_BYTES or time.monotonic() > until:
            raise OutcomeUnknown("the answer came too slowly, or had no end")
    return bytes(content)


def _answered(content: bytes) -> Answered:
    try:
        return read(Message, content).answered()
    except ValueError:  # its text could repeat what stands in the answer
        raise OutcomeUnknown("what came back is no answer of Claude's") from None
