"""What nearly all repositories of one's kind do, and it does not."""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from itertools import chain

from devnexus.alike.bag import Term, strongest_place
from devnexus.alike.example import newest_example, was_taken_up
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


def peers_in(view: View, index: Index, here: Projection) -> list[Projection]:
    """What `of_its_kind` says of a whole view, whose index finds them."""
    own = (Term("pattern", pattern) for pattern in here.standing_patterns)
    found = index.sharing(own, at_least=_enough(here)) - {here.repository_id}
    return [view.repositories[other] for other in sorted(found)]


def those_of_whose_kind(view: View, index: Index, here: Projection) -> list[Projection]:
    """The repositories that have `here` among those of their kind."""
    own = (Term("pattern", pattern) for pattern in here.standing_patterns)
    found = index.sharing(own, at_least=_FEWEST_SHARED)
    return [page for other in sorted(found) if of_its_kind(page := view.repositories[other], [here])]


def missing_patterns(
    here: Projection, others: Iterable[Projection], *, corrections: Corrections
) -> tuple[Missing, ...]:
    """The patterns that three quarters of the repositories of its kind have, and `here` has not.

    Without those of which people say, in its corrections, that this is meant.
    """
    return missing_among(here, of_its_kind(here, others), corrections=corrections)


def missing_among(
    here: Projection,
    peers: Sequence[Projection],
    *,
    corrections: Corrections,
    about: Set[str] | None = None,
) -> tuple[Missing, ...]:
    """The same, where `peers` are the others of its kind; `about` these patterns only, where given."""
    compared = 1 + len(peers)
    if compared < FEWEST_COMPARED:
        return ()
    if about is None:
        counts = Counter(chain.from_iterable(other.standing_patterns for other in peers))
        about = {id_ for id_, count in counts.items() if count / compared >= NEARLY_ALL}
    having = {
        id_: [other for other in peers if id_ in other.standing_patterns]
        for id_ in sorted(about - here.standing_patterns.keys())
    }
    found = (
        _missing(id_, some, compared) for id_, some in having.items() if len(some) / compared >= NEARLY_ALL
    )
    return tuple(one for one in found if one and not corrections.hides_exception(one.pattern, one.name))


def _enough(here: Projection) -> float:
    return max(_FEWEST_SHARED, len(here.standing_patterns) / 2)


def _missing(pattern: str, having: Sequence[Projection], compared: int) -> Missing | None:
    newest = newest_example(pattern, having)
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
        is_newest=was_taken_up(newest, pattern),
        category=standing.category,
    )
