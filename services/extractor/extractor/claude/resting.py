"""A Claude that is left alone for a while after it could not answer: an outage must not hold threads."""

import math
import threading
import time
from collections.abc import Callable

from extractor.claude.request import Answered, Model, NotAnswered, Request

_SHORTEST_SECONDS = 15.0
_LONGEST_SECONDS = 900.0


class RestingModel:
    """The Model behind it, which is not asked while it rests; whoever comes is told so at once.

    It rests for as long as it asked, else for 15 s, and twice as long each time until it answers again. After
    that one question finds out; others that come meanwhile are turned away.
    """

    def __init__(self, model: Model, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._model = model
        self._clock = clock
        self._lock = threading.Lock()
        self._until = -math.inf
        self._failures = 0

    def ask(self, request: Request) -> Answered | NotAnswered:
        """As promised by Model."""
        if because := self._resting():
            return because
        answer = self._model.ask(request)
        self._note(answer)
        return answer

    def _resting(self) -> NotAnswered | None:
        with self._lock:
            left = self._until - self._clock()
            if left > 0:
                return NotAnswered(
                    f"Claude could not answer, and is left alone for {left:.0f} s", retry_after_seconds=left
                )
            if self._failures:  # let one find out; the others wait for what it is told
                self._until = self._clock() + _SHORTEST_SECONDS
            return None

    def _note(self, answer: Answered | NotAnswered) -> None:
        with self._lock:
            if isinstance(answer, Answered) or answer.for_good:
                self._failures, self._until = 0, -math.inf
                return
            self._failures += 1
            asked_for = answer.retry_after_seconds or 0.0
            doubled = _SHORTEST_SECONDS * 2 ** min(self._failures - 1, 10)
            self._until = self._clock() + min(max(asked_for, doubled), _LONGEST_SECONDS)
