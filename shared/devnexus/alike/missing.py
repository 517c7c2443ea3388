"""What nearly all repositories like one do, and it does not."""

from collections import defaultdict
from collections.abc import Sequence

from devnexus.alike.bag import strongest_place
from devnexus.events.similarity_computed import Missing, Named
from devnexus.knowledge.projection import Projection

NEARLY_ALL = 0.75
FEWEST_COMPARED = 4
"""Three of four is the smallest majority worth speaking of."""


def missing_patterns(here: Projection, alike: Sequence[Projection]) -> tuple[Missing, ...]:
    """The patterns that stand in at least three quarters of `here` and `alike` together, but not in `here`."""
    compared = 1 + len(alike)
    if compared < FEWEST_COMPARED:
        return ()
    having: dict[str, list[Projection]] = defaultdict(list)
    for other in alike:
        for pattern in other.standing_patterns.keys() - here.standing_patterns.keys():
            having[pattern].append(other)
    found = (_missing(id_, others, compared) for id_, others in sorted(having.items()))
    return tuple(one for one in found if one and len(one.have) / compared >= NEARLY_ALL)


def _missing(pattern: str, having: Sequence[Projection], compared: int) -> Missing | None:
    newest_first = sorted(
        having,
        key=lambda other: (other.standing_patterns[pattern].first_seen.at, other.repository_id),
        reverse=True,
    )
    standing = newest_first[0].standing_patterns[pattern]
    place = strongest_place(standing)
    return place and Missing(
        pattern=pattern,
        name=standing.name,
        have=tuple(Named(id=other.repository_id, name=other.repository_name) for other in newest_first),
        of=compared,
        newest=place,
    )
