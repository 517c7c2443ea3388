"""What one run of the sweep found and did."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Swept:
    """Counts that grow while the sweep runs, so that one that had to stop says how far it came."""

    undelivered: int = 0
    """Webhooks of the last three days that no attempt has brought to us."""
    redelivered: int = 0
    """Those of them that GitHub was asked for again now."""
    refused: int = 0
    """Those that GitHub will not deliver again."""
    repositories: int = 0
    """Repositories looked at."""
    gaps_closed: int = 0
    heads_closed: int = 0
    registered: int = 0
    """Repositories that the base took for removed."""
    snapshots: int = 0
    """Repositories that the base did not know: a snapshot of each was asked for."""
    waiting: int = 0
    """Repositories left for the next run, since what they miss may be arriving."""
    out_of_reach: list[str] = field(default_factory=list)
    """Repositories of which GitHub does not have, or does not show us, what the base misses."""
    not_installed: list[str] = field(default_factory=list)
    """Repositories of the base that the App is not installed on any more; nothing is done about them."""
    stopped: str | None = None
    """Why the run ended early; the next one does the rest."""
    retry_after_seconds: float | None = None

    def facts(self) -> dict[str, Any]:
        """The same for programs, as JSON."""
        return asdict(self)
