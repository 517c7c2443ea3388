"""Asking Claude at once: claimed before, kept at once afterwards, and never twice."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from devnexus.errors import Unavailable
from extractor.claude.answer import parse
from extractor.claude.asker import NotNow
from extractor.claude.calls import Busy, Call, Calls, Claimed, Known, Limits, OutcomeLost, OverBudget
from extractor.claude.paid import log_paid
from extractor.claude.pieces import Piece
from extractor.claude.prices import cost_usd
from extractor.claude.request import Answered, Model, NotAnswered, OutcomeUnknown, Request

_log = logging.getLogger(__name__)


class LiveAsker:
    """An Asker that waits for the answer."""

    def __init__(self, *, model: Model, calls: Calls, limits: Limits, clock: Callable[[], datetime]) -> None:
        self._model = model
        self._calls = calls
        self._limits = limits
        self._clock = clock

    def ask(self, call: Call, request: Request, pieces: Sequence[Piece]) -> Mapping[str, Known] | NotNow:
        """As promised by Asker."""
        match self._calls.claim(call, self._limits, now=self._clock()):
            case Claimed():
                return self._made(call, request)
            case Busy(seconds):
                raise Unavailable(
                    "another process is asking Claude this very thing", retry_after_seconds=seconds
                )
            case OutcomeLost(because) | OverBudget(because):
                return NotNow(because)

    def _made(self, call: Call, request: Request) -> Mapping[str, Known] | NotNow:
        try:
            answer = self._model.ask(request)
        except OutcomeUnknown as error:
            # it stays claimed, as after any bug of ours: whoever asks again by itself might pay twice
            _log.warning("nobody knows whether Claude answered: %s", error)
            return NotNow("nobody knows whether it was answered")
        return self._kept(call, answer)

    def _kept(self, call: Call, answer: Answered | NotAnswered) -> Mapping[str, Known] | NotNow:
        now = self._clock()
        if isinstance(answer, NotAnswered):
            self._calls.given_back(call, now=now)
            return NotNow(answer.because, comes_later=not answer.for_good)
        known = parse(answer, call.pieces)
        cost = cost_usd(answer.model, answer.usage, in_batch=False)
        self._calls.answered(call, known, answer.usage, cost, now=now)
        log_paid(call, answer.usage, cost)
        return known


class LaterAsker:
    """An Asker for bulk work, which is asked in batches."""

    def ask(self, call: Call, request: Request, pieces: Sequence[Piece]) -> Mapping[str, Known] | NotNow:
        """As promised by Asker."""
        return NotNow("it waits for a batch")
