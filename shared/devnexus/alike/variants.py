"""What most repositories of one's kind do with one package, and it does with another."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from itertools import chain

from devnexus.alike.example import newest_example, was_taken_up
from devnexus.alike.missing import FEWEST_COMPARED, NEARLY_ALL
from devnexus.alike.ways import Kind, Way, Ways, are_one, ways_of
from devnexus.events.similarity_computed import Named, Variant
from devnexus.knowledge.projection import Projection
from devnexus.people.corrections import Corrections


def variants_among(
    here: Projection,
    peers: Sequence[Projection],
    *,
    corrections: Corrections,
    ways: Callable[[Projection], Ways] = ways_of,
    about: Set[str] | None = None,
) -> tuple[Variant, ...]:
    """One for each pattern that three quarters of its kind, of those who do it in the same ecosystem,
    have one package for, and `here` has another.

    `peers` are the others of its kind. None where one package may be a part or a wrapper of the other, or
    where people say, in the corrections of `here`, that this is meant. `about` these patterns only, where
    that is given.
    """
    own = {kind: ours for kind, ours in ways(here).items() if about is None or kind[0] in about}
    others = [(peer, ways(peer)) for peer in peers] if own else []
    found = (
        _variant(here, kind, own[kind], [(peer, theirs[kind]) for peer, theirs in others if kind in theirs])
        for kind in sorted(own)
    )
    return tuple(one for one in found if one and not corrections.hides_exception(one.pattern, one.name))


def _variant(
    here: Projection,
    kind: Kind,
    ours: Mapping[str, Way],
    doing: Sequence[tuple[Projection, Mapping[str, Way]]],
) -> Variant | None:
    compared = 1 + len(doing)
    counts = Counter(chain.from_iterable(theirs for _, theirs in doing))
    usual = min(counts, key=lambda key: (-counts[key], key), default="")
    is_usual = compared >= FEWEST_COMPARED and counts[usual] / compared >= NEARLY_ALL
    if not is_usual or any(are_one(package, usual) for package in ours):
        return None
    pattern = kind[0]
    newest = newest_example(pattern, (peer for peer, theirs in doing if usual in theirs))
    there = next(theirs[usual] for peer, theirs in doing if peer is newest)
    standing, our_way = here.standing_patterns[pattern], next(iter(ours.values()))
    return Variant(
        pattern=pattern,
        name=standing.name,
        category=standing.category,
        theirs=there.package,
        ours=our_way.package,
        have=counts[usual],
        of=compared,
        example=Named(id=newest.repository_id, name=newest.repository_name),
        is_newest=was_taken_up(newest, pattern),
        here=our_way.place,
        there=there.place,
    )
