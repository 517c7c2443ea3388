"""What nearly all repositories of one's kind do, and it does not."""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from functools import cache
from itertools import chain

from devnexus.alike.bag import strongest_place
from devnexus.alike.example import newest_example, was_taken_up
from devnexus.alike.index import Index
from devnexus.events.similarity_computed import Missing, Named
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.view import View
from devnexus.people.corrections import Corrections
from devnexus.taxonomy import load_taxonomy

NEARLY_ALL = 0.75
FEWEST_COMPARED = 4
"""Three of four is the smallest majority worth speaking of."""

_FEWEST_SHARED = 3


def of_its_kind(here: Projection, others: Iterable[Projection]) -> list[Projection]:
    """Those of `others` that share at least three patterns with it, and half of all that either has.

    Each is then of the other's kind: a library that shares the little it has with every service is of none.
    """
    return [
        other
        for other in others
        if other.repository_id != here.repository_id and _are_of_one_kind(here, other)
    ]


def peers_in(view: View, index: Index, here: Projection) -> list[Projection]:
    """What `of_its_kind` says of a whole view, whose index finds them."""
    found = index.of_one_kind(here.standing_patterns.keys(), at_least=_FEWEST_SHARED)
    return [view.repositories[other] for other in sorted(found - {here.repository_id})]


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
    """The same, where `peers` are the others of its kind; `about` these patterns only, where given.

    None that is better avoided, and none that is seen in no repository of its language: it may be there as
    well, in a form that nobody recognises.
    """
    compared = 1 + len(peers)
    if compared < FEWEST_COMPARED:
        return ()
    if about is None:
        counts = Counter(chain.from_iterable(other.standing_patterns for other in peers))
        about = {id_ for id_, count in counts.items() if count / compared >= NEARLY_ALL}
    having = {
        id_: [other for other in peers if id_ in other.standing_patterns]
        for id_ in sorted(about - here.standing_patterns.keys() - _better_avoided())
    }
    found = (
        _missing(id_, here, some, compared)
        for id_, some in having.items()
        if len(some) / compared >= NEARLY_ALL
    )
    return tuple(one for one in found if one and not corrections.hides_exception(one.pattern, one.name))


def _are_of_one_kind(here: Projection, there: Projection) -> bool:
    own, theirs = here.standing_patterns.keys(), there.standing_patterns.keys()
    is_other = here.repository_id != there.repository_id
    return is_other and len(own & theirs) >= max(_FEWEST_SHARED, len(own) / 2, len(theirs) / 2)


@cache
def _better_avoided() -> Set[str]:
    return frozenset(id_ for id_, pattern in load_taxonomy().items() if pattern.anti)


def _missing(pattern: str, here: Projection, having: Sequence[Projection], compared: int) -> Missing | None:
    in_its_language = [other for other in having if other.primary_language == here.primary_language]
    if not in_its_language:
        return None
    newest = newest_example(pattern, in_its_language)
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
