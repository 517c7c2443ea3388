"""Claude by Anthropic's API, asked at once."""

import time
from collections.abc import Callable

from anthropic import Anthropic, APIConnectionError, APIError, APIStatusError, APITimeoutError
from httpx2 import ConnectError, ConnectTimeout, PoolTimeout

from extractor.claude.anthropic_failures import may_be_tried_again, refused
from extractor.claude.anthropic_messages import answer, parameters
from extractor.claude.request import Answered, NotAnswered, OutcomeUnknown, Request

_TRIES = 3
_LONGEST_PAUSE_SECONDS = 20.0
"""Whoever asks us to wait for longer is left alone: the push waits in the list, and not in a thread."""

_NEVER_SENT = (ConnectError, ConnectTimeout, PoolTimeout)


class AnthropicModel:
    """A Model on the client of the SDK, which must not try again by itself.

    It would do so when a connection is lost as well, and then an answer may be paid for twice.
    """

    def __init__(self, client: Anthropic, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._sleep = sleep

    def ask(self, request: Request) -> Answered | NotAnswered:
        """As promised by Model; what was refused for the moment is tried twice more."""
        for attempt in range(1, _TRIES + 1):
            try:
                return answer(self._client.messages.create(**parameters(request)))
            except APIStatusError as error:
                told = refused(error.status_code, error.response.headers.get("retry-after"))
                pause = told.retry_after_seconds if told.retry_after_seconds is not None else 2.0**attempt / 2
                is_last = attempt == _TRIES or pause > _LONGEST_PAUSE_SECONDS
                if is_last or not may_be_tried_again(error.status_code):
                    return told
                self._sleep(pause)
            except APIConnectionError as error:
                return _lost(error)
            except APIError as error:
                raise OutcomeUnknown(f"the answer was no message: {type(error).__name__}") from error
        raise AssertionError("unreachable")


def _lost(error: APIConnectionError) -> NotAnswered:
    """What a lost connection means; raise OutcomeUnknown where the question may have arrived."""
    if isinstance(error.__cause__, _NEVER_SENT):
        return NotAnswered("Anthropic's API cannot be reached")
    what = "no answer in time" if isinstance(error, APITimeoutError) else "the connection was lost"
    raise OutcomeUnknown(what) from error
