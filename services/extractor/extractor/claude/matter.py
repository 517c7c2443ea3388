"""What the second reader is given, and what it gives back."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from devnexus.events.patterns_extracted import Commit, Decision, Suggestion
from extractor.change import ChangedFile
from extractor.claude.waiting import Analysed
from extractor.reading import Contents, Reading

_CLAUDES = {"path", "claims", "gone"}


@dataclass(frozen=True)
class Matter:
    """A push or a snapshot, as the rules have read it."""

    event: Analysed
    reading: Reading
    files: Sequence[ChangedFile]
    """Of the change or the tree, under paths without secrets."""
    contents: Contents
    commits: Sequence[Commit] = ()
    """Without secrets."""
    decisions: tuple[Decision, ...] = ()
    """What the rules found that the push as a whole decided."""
    come_or_gone: frozenset[str] = field(default_factory=frozenset)
    """Words in the names of the packages that came or went."""
    is_by_bots: bool = False
    """Whether programs alone pushed: these decide nothing."""

    @property
    def is_tree(self) -> bool:
        """Whether the whole tree is read."""
        return self.event.TYPE == "snapshot.requested.v1"


@dataclass(frozen=True)
class SecondReading:
    """What both readers see together."""

    reading: Reading
    decisions: tuple[Decision, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    later: str | None = None
    """Why Claude has yet to read some of it; None where it is to be left at that."""

    @property
    def digest_parts(self) -> list[object]:
        """What Claude had a part in: the same files may be read otherwise. Empty where it had none."""
        receipt = self.reading.receipt.claude
        if receipt is None:
            return []
        said = [file.model_dump(mode="json", include=_CLAUDES) for file in self.reading.files]
        parts = (receipt, *self.suggestions, *self.decisions)
        return [[said, [part.model_dump(mode="json") for part in parts]]]
