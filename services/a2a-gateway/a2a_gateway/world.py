"""What a skill may ask besides the knowledge: other agents, files of repositories, what became of writes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from a2a_gateway.callers.caller import Caller
from a2a_gateway.files.repository_files import RepositoryFiles
from a2a_gateway.writes.write_status import WriteStatus
from devnexus.agents import Agents
from devnexus.agents.looks import Standing


class Cancelled(Exception):
    """Whoever asked for this work does not want it any more."""


Progress = Callable[[str], None]
"""Told what is being done now; raises Cancelled where nobody waits for it any more."""


class Results(Protocol):
    """What was worked out before, by a key that names all that it depends on; losing it costs time only."""

    def get(self, key: str) -> str | None:
        """What was kept under `key`."""

    def keep(self, key: str, result: str) -> None:
        """Keep `result` for whoever asks next, on any instance."""


class Writes(Protocol):
    """What became of the events that were accepted here."""

    def status(self, event_id: str, caller: Caller) -> WriteStatus | None:
        """None where this caller sent no such event; raises Unavailable where it cannot be found out."""


@dataclass(frozen=True)
class World:
    """All of it, for one call."""

    caller: Caller
    now: datetime
    agents: Agents
    standings: Callable[[], dict[str, Standing]]
    """How each agent has been, as the notifier looked; raises Unavailable."""
    files: RepositoryFiles
    results: Results
    writes: Writes
    progress: Progress
