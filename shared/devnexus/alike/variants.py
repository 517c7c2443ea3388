"""What most repositories of one's kind do with one package, and it does with another."""

from collections import Counter
from collections.abc import Callable, Sequence

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
) -> tuple[Variant, ...]:
    """One for each pattern that three quarters of its kind, of those who do it in the same ecosystem,
    have one package for, and `here` has another.

    `peers` are the others of its kind. None where one package may be a part or a wrapper of the other, or
    where people say, in the corrections of `here`, that this is meant.
    """
    own = ways(here)
    others = [(peer, ways(peer)) for peer in peers] if own else []
    found = (
        _variant(here, kind, own[kind], [(peer, theirs[kind]) for peer, theirs in others if kind in theirs])
        for kind in sorted(own)
    )
    return tuple(one for one in found if one and not corrections.hides_exception(one.pattern, one.name))


def _variant(
    here: Projection, kind: Kind, ours: Sequence[Way], doing: Sequence[tuple[Projection, Sequence[Way]]]
) -> Variant | None:
    compared = 1 + len(doing)
    counts = Counter(way.key for _, theirs in doing for way in theirs)
    usual = min(counts, key=lambda key: (-counts[key], key), default="")
    if compared < FEWEST_COMPARED or counts[usual] / compared < NEARLY_ALL:
        return None
    if any(are_one(way.package, usual) for way in ours):
        return None
    pattern = kind[0]
    theirs = {peer.repository_id: way for peer, some in doing for way in some if way.key == usual}
    newest = newest_example(pattern, (peer for peer, _ in doing if peer.repository_id in theirs))
    standing, there = here.standing_patterns[pattern], theirs[newest.repository_id]
    return Variant(
        pattern=pattern,
        name=standing.name,
        category=standing.category,
        theirs=there.package,
        ours=ours[0].package,
        have=counts[usual],
        of=compared,
        example=Named(id=newest.repository_id, name=newest.repository_name),
        is_newest=was_taken_up(newest, pattern),
        here=ours[0].place,
        there=there.place,
    )
