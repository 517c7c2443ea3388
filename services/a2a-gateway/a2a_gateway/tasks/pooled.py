"""One piece of work in a pool of threads, from its call to its end."""

import json
import logging
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime

from a2a_gateway.answer import Answer, CannotAnswer
from a2a_gateway.callers.caller import Caller
from a2a_gateway.tasks.port import Outcome, Task, Work
from a2a_gateway.world import Cancelled
from devnexus.errors import Unavailable
from devnexus.printable import printable

STOPPED = "The instance that worked on it was stopped. Send the call again."

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class Pooled:
    """A piece of work, and who waits for it."""

    work: Work
    caller: Caller
    skill: str
    wake: Callable[[], object] = lambda: None
    """Lets whoever waits look again."""
    tell: Callable[[str], object] = lambda step: None
    """Lets whoever waits know what is being done."""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    context: Context = field(default_factory=copy_context)
    """Of its call: the trace that it belongs to."""
    done: Future[Answer] = field(default_factory=Future)
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while it is told of, or while it is noted how it ended: one after the other."""
    has_begun: bool = False
    is_told: bool = False
    """Whether its caller may ask for it by its id."""
    is_unwanted: bool = False
    step: str = ""

    def progress(self, doing: str) -> None:
        """As promised by Progress."""
        self.step = printable(doing)
        with suppress(RuntimeError):  # the event loop may have ended with the process
            self.tell(self.step)
        if self.is_unwanted:
            raise Cancelled

    def end(self, running: Future[Answer]) -> None:
        """It has ended, as `running` says."""
        with self.lock:
            if error := running.exception():
                self.done.set_exception(error)
            else:
                self.done.set_result(running.result())
        with suppress(RuntimeError):  # the event loop may have ended with the process
            self.wake()

    def as_task(self) -> Task:
        """How it stands."""
        if self.done.done():
            outcome = self.outcome
            return Task(self.id, self.skill, outcome.status, self.step, self.began_at, outcome)
        return Task(self.id, self.skill, "running" if self.has_begun else "queued", self.step, self.began_at)

    @property
    def outcome(self) -> Outcome:
        """How it ended; that it was stopped, where it did not."""
        if not self.done.done():
            return Outcome("failed", error=STOPPED)
        match self.done.exception():
            case None:
                return Outcome("completed", answer=json.dumps(self.done.result().model_dump(mode="json")))
            case Cancelled():
                return Outcome("cancelled", error="Cancelled by whoever asked for it")
            case CannotAnswer() as problem:
                return Outcome("failed", error=printable(problem.error))
            case Unavailable():
                return Outcome("failed", error="What it depends on did not answer. Send the call again.")
            case error:
                _log.error("bug in a task of %s: %s", self.skill, type(error).__name__, exc_info=error)
                return Outcome("failed", error="Internal error")
