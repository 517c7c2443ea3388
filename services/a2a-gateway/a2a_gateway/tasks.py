"""The port to work that takes longer than a call should: it goes on when nobody waits for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from a2a_gateway.answer import Answer
from a2a_gateway.caller import Caller
from a2a_gateway.world import Progress

Work = Callable[[Progress], Answer]
"""Raises what skills raise: CannotAnswer, Unavailable."""


@dataclass(frozen=True)
class StillRunning:
    """The work goes on; whoever asked may ask for it by this id."""

    task_id: str


class Tasks(Protocol):
    """Runs work in threads of its own."""

    async def run(self, work: Work, *, caller: Caller, skill: str) -> Answer | StillRunning:
        """The answer as soon as it is there, or the task where it takes too long to wait for.

        Raises what the work raises. Holds none of the threads that answer others.
        """
