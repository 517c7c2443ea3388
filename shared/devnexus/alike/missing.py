"""What nearly all repositories of one's kind do, and it does not."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from devnexus.alike.bag import Term, strongest_place
from devnexus.alike.index import Index
from devnexus.events.similarity_computed import Missing, Named
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.view import View
from devnexus.people.corrections import Corrections

NEARLY_ALL = 0.75
FEWEST_COMPARED = 4
"""Three of four is the smallest majority worth speaking of."""

_FEWEST_SHARED = 3


def of_its_kind(here: Projection, others: Iterable[Projection]) -> list[Projection]:
    """Those of `others` with at least three of its patterns, and with half of all that it has."""
    own, enough = here.standing_patterns.keys(), _enough(here)
    return [
        other
        for other in others
        if other.repository_id != here.repository_id and len(own & other.standing_patterns.keys()) >= enough
    ]


def missing_patterns(
    here: Projection, others: Iterable[Projection], *, corrections: Corrections
) -> tuple[Missing, ...]:
    """The patterns that three quarters of the repositories of its kind have, and `here` has not.

    Without those of which people say, in its corrections, that this is meant.
    """
    peers = of_its_kind(here, others)
    compared = 1 + len(peers)
    if compared < FEWEST_COMPARED:
        return ()
    having: dict[str, list[Projection]] = defaultdict(list)
    for other in peers:
        for pattern in other.standing_patterns.keys() - here.standing_patterns.keys():
            having[pattern].append(other)
    nearly_all = {id_: those for id_, those in having.items() if len(those) / compared >= NEARLY_ALL}
    found = (_missing(id_, nearly_all[id_], compared) for id_ in sorted(nearly_all))
    return tuple(one for one in found if one and not corrections.hides_exception(one.pattern, one.name))


def missing_in(view: View, index: Index, here: Projection) -> tuple[Missing, ...]:
    """What `missing_patterns` says of a whole view, whose index finds the repositories of its kind."""
    own = (Term("pattern", pattern) for pattern in here.standing_patterns)
    peers = index.sharing(own, at_least=_enough(here))
    others = [view.repositories[other] for other in peers]
    return missing_patterns(here, others, corrections=view.corrections(here))


def _enough(here: Projection) -> float:
    return max(_FEWEST_SHARED, len(here.standing_patterns) / 2)


def _missing(pattern: str, having: Sequence[Projection], compared: int) -> Missing | None:
    newest = max(
        having, key=lambda other: (other.standing_patterns[pattern].first_seen.at, other.repository_id)
    )
    standing = newest.standing_patterns[pattern]
    place = strongest_place(standing)
    if place is None:
        return None
    return Missing(
        pattern=pattern,
        name=standing.name,
        have=len(having),
        of=compared,
        example=Named(id=newest.repository_id, name=newest.repository_name),
        place=place,
    )
