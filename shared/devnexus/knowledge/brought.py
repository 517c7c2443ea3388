"""What one push or snapshot changed in the patterns of a repository."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from devnexus.knowledge.projection import Brought


@dataclass(frozen=True)
class Sight:
    """One pattern before or after a record."""

    has_rows: bool = False
    """Whether anything speaks for it, anywhere in the repository."""
    stands: bool = False
    """Whether that is enough to show it."""
    said: Set[tuple[str, str, str]] = frozenset()
    """Path, kind and quote of its rows in the paths that the record read; where they stand is no matter."""


NEVER_SEEN = Sight()


def brought(before: Mapping[str, Sight], after: Mapping[str, Sight], added: Set[str]) -> Brought:
    """What came between the two, where `added` are the patterns of lines that the record added."""
    was = {id_: before.get(id_, NEVER_SEEN) for id_ in after}
    standing = sorted(id_ for id_, sight in after.items() if sight.stands)
    return Brought(
        introduced=tuple(id_ for id_ in standing if not was[id_].has_rows),
        touched=tuple(
            id_
            for id_ in standing
            if was[id_].has_rows and (id_ in added or was[id_].said != after[id_].said)
        ),
        gone=tuple(sorted(id_ for id_ in after if was[id_].stands and not after[id_].stands)),
    )
