"""What is there when all is over, as the base, the broker, the store and the targets tell it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class DeadLetter:
    """One message that could not be handled."""

    subscription: str
    event_id: str
    reason: str


@dataclass(frozen=True)
class Notice:
    """One notice that was decided, and what became of it."""

    state: str
    """As the store says; `nowhere` where it does not know it."""
    arrived: int
    """How often its target was sent it and took it, in a digest or by itself."""


@dataclass(frozen=True)
class Ending:
    """A service that ended without being asked to."""

    service: str
    status: int
    excuse: str
    """The fault that explains it; empty: none does."""


@dataclass(frozen=True)
class Found:
    """All of it."""

    records: Counter[str] = field(default_factory=Counter)
    """Id of a line of history → how often it stands there."""
    analyses: Counter[str] = field(default_factory=Counter)
    """Id of a push, snapshot or lesson → how many whole analyses of it count; more than one is wrong."""
    letters: Sequence[DeadLetter] = ()
    """The dead letters, each message once."""
    commits: int = 0
    unannounced: int = 0
    """Commits of the base that nobody was told of."""
    uncomputed: int = 0
    """Repositories with a live push in a commit for which nothing was computed."""
    undecided: int = 0
    """What was computed of live pushes on which nothing was decided."""
    notices: Mapping[str, Notice] = field(default_factory=dict)
    verified: Sequence[str] = ()
    """What `devnexus kb verify` finds wrong."""
    undelivered: Mapping[str, int] = field(default_factory=dict)
    """Subscription → messages that are still on their way."""
    endings: Sequence[Ending] = ()
    slow_ends: Sequence[str] = ()
    """Services that were not gone ten seconds after SIGTERM."""
    tracebacks: Sequence[str] = ()
    """Bugs that services wrote down, each once."""
