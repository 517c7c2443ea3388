"""What rules had to answer alone is put to Claude in batches, for half the price, and then read once more.

A batch only fills what is known. The push itself is handed to the extractor again, which finds every answer
there and publishes the better record. So nothing here decides what an answer means, and a crash anywhere at
most repeats a step that costs nothing.
"""

import logging
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from devnexus.errors import Rejected, Unavailable
from devnexus.events import CommitPushed, Event
from extractor.claude.asker import Asker, NotNow
from extractor.claude.calls import Call, Calls, Known, Limits
from extractor.claude.paid import log_paid
from extractor.claude.pieces import Piece
from extractor.claude.request import Answered, Batches, NotAnswered, OutcomeUnknown, Request, Usage
from extractor.claude.waiting import Analysed, SentBatch, Waiter, Waiting

MOST_AT_A_TIME = 100
"""Pushes that one batch is made for: as much as one process reads in a few minutes."""

MOST_BATCHES = 20
"""Under way at once: what is sent costs, so it should not run far ahead of what comes back."""

_ON_ITS_WAY = timedelta(minutes=10)
"""After so long a batch that nobody told the name of was either made or never will be."""

_CLOCKS_DIFFER = timedelta(minutes=5)

_log = logging.getLogger(__name__)


class Look(Protocol):
    """Has the extractor read an event with an asker of ours, and publish nothing."""

    def __call__(self, event: Analysed, asker: Asker) -> None:
        """Put every open question about the event to `asker`; raise Unavailable or Rejected."""


@dataclass(frozen=True)
class Toll:
    """What turns an answer into what is known, and says what it costs."""

    parse: Callable[[Answered, Sequence[str]], Mapping[str, Known]]
    cost: Callable[[str, Usage], float]
    """Model and usage → USD, at the price of a batch."""


@dataclass(frozen=True)
class Round:
    """What one round did."""

    taken: int = 0
    """Batches whose answers were kept."""
    sent: int = 0
    """Questions that were sent."""
    again: int = 0
    """Pushes and snapshots that were handed to the extractor again."""

    def facts(self) -> Mapping[str, int]:
        """As JSON tells it."""
        return {"batches_taken": self.taken, "questions_sent": self.sent, "read_again": self.again}


class Reanalysis:
    """Works the list off, round by round; any number of processes may."""

    def __init__(
        self,
        *,
        waiting: Waiting,
        calls: Calls,
        batches: Batches,
        toll: Toll,
        look: Look,
        limits: Callable[[], Limits],
        again: Callable[[Iterable[Event]], None],
        clock: Callable[[], datetime],
    ) -> None:
        """`again` publishes events to where bulk work comes from."""
        self._waiting = waiting
        self._calls = calls
        self._batches = batches
        self._toll = toll
        self._look = look
        self._limits = limits
        self._again = again
        self._clock = clock

    def round(self) -> Round:
        """Take what has come back, and send what waits. Raises Unavailable without the operational store."""
        taken, again = 0, 0
        under_way = self._waiting.under_way()
        for sent in under_way:
            if self._try_to_take(sent):
                taken, again = taken + 1, again + len(sent.waiters)
        if len(under_way) - taken >= MOST_BATCHES:
            return Round(taken=taken, again=again)
        questions, more = self._send()
        return Round(taken=taken, sent=questions, again=again + more)

    def _try_to_take(self, sent: SentBatch) -> bool:
        try:
            return self._take(sent)
        except Unavailable:
            raise  # without the store nobody has a turn
        except Exception:  # noqa: BLE001 - a bug with one batch must not end the others' turns
            _log.exception("the answers of a batch cannot be taken")
            return False

    def _take(self, sent: SentBatch) -> bool:
        """Whether the answers of a batch are there, and kept."""
        try:
            answers = self._batches.answers(sent.batch) if sent.batch else self._found(sent)
        except Unavailable as error:
            _log.warning("a batch cannot be asked for: %s", error)
            return False
        if answers is None:
            return False
        for call in sent.calls:
            self._keep(call, answers.get(call.id))
        self._again([_once_more(waiter.event) for waiter in sent.waiters])
        self._waiting.taken(sent.key)
        return True

    def _found(self, sent: SentBatch) -> Mapping[str, Answered | NotAnswered] | None:
        """The answers of a batch of which nobody was told the name; it is given up if there is none."""
        if self._clock() - sent.sent_at < _ON_ITS_WAY:
            return None
        ours = {call.id for call in sent.calls}
        named = {other.batch for other in self._waiting.under_way()}
        for batch in self._batches.sent_since(sent.sent_at - _CLOCKS_DIFFER):
            if batch in named:
                continue
            answers = self._batches.answers(batch)
            if answers is None:
                return None  # it may be ours: its requests are named only when it is done
            if ours & answers.keys():
                self._waiting.sent(sent.key, batch)
                return answers
        _log.info("a batch of %d questions was never sent: they wait again", len(ours))
        self._waiting.never_sent(sent.key)
        return None

    def _keep(self, call: Call, answer: Answered | NotAnswered | None) -> None:
        """Keep the answer; a call without one is free again when the batch is taken."""
        toll, now = self._toll, self._clock()
        if isinstance(answer, Answered):
            known = toll.parse(answer, call.pieces)
            cost = toll.cost(answer.model, answer.usage)
            self._calls.answered(call, known, answer.usage, cost, now=now)
            log_paid(call, answer.usage, cost)
        elif answer and answer.for_good:
            nothing = Known(None, answer.because)
            known = dict.fromkeys(call.pieces, nothing)
            self._calls.answered(call, known, Usage(), 0.0, now=now)

    def _send(self) -> tuple[int, int]:
        """How many questions were sent, and how many pushes had none open any more."""
        questions, waiters, settled = self._collect()
        self._again([_once_more(waiter.event) for waiter in settled])
        for waiter in settled:
            self._waiting.done(waiter.event.id)
        if not questions:
            return 0, len(settled)
        key = uuid.uuid4().hex
        ids = [waiter.event.id for waiter in waiters]
        calls = [question.call for question in questions.values()]
        # as of now, not of when the round began: looking takes minutes, after which others would give it up
        claimed = self._waiting.sending(key, calls, ids, self._limits(), now=self._clock())
        if not claimed:
            return 0, len(settled)
        try:
            batch = self._batches.send({call.id: questions[call.id].request for call in claimed})
        except Unavailable as error:
            _log.warning("a batch was not sent: %s", error)
            self._waiting.never_sent(key)
            return 0, len(settled)
        except OutcomeUnknown as error:
            _log.warning("nobody knows whether a batch was sent, so it is looked for: %s", error)
            return 0, len(settled)
        self._waiting.sent(key, batch)
        return len(claimed), len(settled)

    def _collect(self) -> tuple[Mapping[str, "_Question"], list[Waiter], list[Waiter]]:
        """The open questions by id, those who have some, and those who have none."""
        questions: dict[str, _Question] = {}
        asking: list[Waiter] = []
        settled: list[Waiter] = []
        for waiter in self._waiting.next(MOST_AT_A_TIME, now=self._clock()):
            collected = _Collected()
            try:
                self._look(waiter.event, collected)
            except Unavailable as error:
                _log.warning("%s cannot be read now: %s", waiter.event.id, error)
                continue
            except Rejected as error:
                _log.warning("%s can never be read: %s", waiter.event.id, error)
                self._waiting.done(waiter.event.id)
                continue
            except Exception:  # noqa: BLE001 - a bug with one push must not keep the others waiting
                _log.exception("%s cannot be read", waiter.event.id)
                continue
            questions.update({question.call.id: question for question in collected.questions})
            (asking if collected.questions else settled).append(waiter)
        return questions, asking, settled


@dataclass(frozen=True)
class _Question:
    call: Call
    request: Request


@dataclass
class _Collected:
    """An Asker that only notes what it is asked."""

    questions: list[_Question] = field(default_factory=list)

    def ask(self, call: Call, request: Request, pieces: Sequence[Piece]) -> Mapping[str, Known] | NotNow:
        """As promised by Asker."""
        self.questions.append(_Question(replace(call, in_batch=True), request))
        return NotNow("it is asked in a batch")


def _once_more(event: Analysed) -> Analysed:
    """The event as it is handed to the extractor again: nobody is told twice of one push.

    A snapshot keeps its cause, which is part of its name; of the past nobody is told anyway.
    """
    is_live = isinstance(event, CommitPushed) and event.cause == "live"
    return event.model_copy(update={"cause": "reanalysis"}) if is_live else event
