"""The port to work that takes longer than a call should: it goes on when nobody waits for it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from a2a_gateway.answer import Answer
from a2a_gateway.callers.caller import Caller
from a2a_gateway.watch import Watch
from a2a_gateway.world import Progress

Work = Callable[[Progress], Answer]
"""Raises what skills raise: CannotAnswer, Unavailable."""

Status = Literal["queued", "running", "completed", "failed", "cancelled"]


@dataclass(frozen=True)
class StillRunning:
    """The work goes on; whoever asked may ask for it by this id."""

    task_id: str


@dataclass(frozen=True)
class Outcome:
    """How a task ended."""

    status: Literal["completed", "failed", "cancelled"]
    answer: str | None = None
    """As JSON, where there is one."""
    error: str | None = None
    """Why there is none, with the remedy."""


@dataclass(frozen=True)
class Task:
    """One task that its caller was told of."""

    id: str
    skill: str
    status: Status
    step: str
    """What is being done, or was when it ended."""
    began_at: datetime
    outcome: Outcome | None = None


class Tasks(Protocol):
    """Runs work in threads of its own."""

    async def run(
        self, work: Work, *, caller: Caller, skill: str, watch: Watch | None = None
    ) -> Answer | StillRunning:
        """The answer as soon as it is there, or the task where it takes too long to wait for. With a `watch`
        always the answer; to cancel the wait is to give the work up.

        Raises what the work raises, and CannotAnswer where there is too much to do already. Holds none of the
        threads that answer others.
        """

    def find(self, task_id: str, caller: Caller) -> Task | None:
        """The task, on whichever instance it runs; None where this caller has none of that id.

        Raises Unavailable where that cannot be found out.
        """

    def cancel(self, task_id: str, caller: Caller) -> Task | None:
        """Ask for the task to be given up, and give how it stands; None as `find`. It ends within seconds,
        unless it had ended before.

        Raises Unavailable where that cannot be noted.
        """


class TaskStore(Protocol):
    """Keeps how tasks stand, for all instances. Every method raises Unavailable where it may not have."""

    def begin(self, task: Task, caller: Caller) -> None:
        """Keep a task that goes on from now; those that ended long ago are dropped."""

    def beat(self, steps: Mapping[str, str]) -> Collection[str]:
        """Note that these tasks (id → step) go on, and give those that are to be given up."""

    def end(self, outcomes: Mapping[str, Outcome]) -> None:
        """Note how tasks ended. One that has ended keeps its first outcome."""

    def find(self, task_id: str, caller: Caller) -> Task | None:
        """The task; it has failed where nobody has noted for a minute that it goes on."""

    def give_up(self, task_id: str, caller: Caller) -> None:
        """Let the instance that works on it know that it is not wanted any more."""
