"""A Model that is left alone while it does not answer: whoever comes meanwhile is told so at once."""

import threading
import time
from collections.abc import Callable

from extractor.claude.request import Answered, Model, NotAnswered, OutcomeUnknown, Request

PATIENCE = 3
"""So many questions in a row may fail before it rests, where nobody said for how long."""

FIRST_REST_SECONDS = 30.0
LONGEST_REST_SECONDS = 600.0


class RestingModel:
    """The Model behind it; after a rest one question tries it, and the others follow when that is answered.

    So an outage costs a push milliseconds, not minutes. This process remembers it and no other. What is wrong
    with one request only (`for_good`) is no reason to rest.
    """

    def __init__(self, model: Model, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._model = model
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._because = ""
        self._until = 0.0
        self._on_trial = False

    def ask(self, request: Request) -> Answered | NotAnswered:
        """As promised by Model."""
        turned_away = self._turn_away()
        if turned_away:
            return turned_away
        failed = "Claude's answer was lost"
        rest: float | None = None
        try:
            answer = self._model.ask(request)
            if isinstance(answer, Answered) or answer.for_good:
                failed = ""
            else:
                failed, rest = answer.because, answer.retry_after_seconds
            return answer
        except OutcomeUnknown as error:
            failed = str(error)
            raise
        finally:
            self._note(failed, rest)

    def _turn_away(self) -> NotAnswered | None:
        with self._lock:
            if not self._because:
                return None
            left = self._until - self._clock()
            if left <= 0 and not self._on_trial:
                self._on_trial = True
                return None
            return NotAnswered(self._because, retry_after_seconds=max(left, 1.0))

    def _note(self, failed: str, rest: float | None) -> None:
        with self._lock:
            self._on_trial = False
            if not failed:
                self._failures, self._because = 0, ""
                return
            self._failures += 1
            if rest is None and self._failures < PATIENCE:
                return
            doubled = FIRST_REST_SECONDS * 2.0 ** min(max(self._failures - PATIENCE, 0), 10)
            seconds = min(doubled if rest is None else rest, LONGEST_REST_SECONDS)
            self._because = failed
            self._until = max(self._until, self._clock() + seconds)
