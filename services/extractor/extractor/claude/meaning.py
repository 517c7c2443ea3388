"""What the names of patterns mean: the port to the organisation's vocabulary."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from devnexus.events.patterns_extracted import Pattern


@dataclass(frozen=True)
class Meant:
    """The pattern that a name means."""

    id: str | None = None
    """Its canonical id; None where that is not sure."""
    maybe: str | None = None
    """The canonical id that it may mean, where that is not sure."""


class Meaning(Protocol):
    """What an organisation calls its patterns: its `vocabulary.yaml`, then the taxonomy."""

    @property
    def patterns(self) -> Sequence[Pattern]:
        """All canonical patterns, in order of id: what Claude may choose from."""

    def gloss(self, id_: str) -> str:
        """One sentence that says what the pattern is; empty where nobody wrote one."""

    def of(self, name: str) -> Meant:
        """What a canonical id or a free name means."""

    def names(self, id_: str) -> Sequence[str]:
        """All names of the pattern: what code that shows it may be called."""
