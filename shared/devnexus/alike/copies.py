"""Components that stand in two repositories, the same or nearly."""

from collections.abc import Sequence

from devnexus.events.similarity_computed import Place, SharedComponent
from devnexus.knowledge.projection import Projection, StandingComponent

ALIKE_ENOUGH = 0.5
"""Half of the three-line shingles: below it, code of one style looks alike without one being a copy."""

_MOST = 10
_FEWEST_SHINGLES = 8
"""Ten lines of code: shorter ones are alike because there are few ways to write them."""


def likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """The Jaccard similarity of two sets of shingles, estimated from their sketches (the smallest hashes).

    Broder, "On the resemblance and containment of documents" (1997); exact where a sketch holds its
    whole set.
    """
    size = min(len(one), len(other))
    if not size:
        return 0.0
    ours, theirs = set(one), set(other)
    union = sorted(ours | theirs)[: max(len(one), len(other))]
    return len(ours & theirs & set(union)) / len(union)


def shared_components(here: Projection, there: Projection) -> tuple[SharedComponent, ...]:
    """Pairs of components that are at least half alike, each in one pair, the most alike and largest first."""
    pairs = sorted(
        (
            (-likeness(one.sketch, other.sketch), -one.lines_of_code, one.component_id, other.component_id)
            for one in here.components
            for other in there.components
            if _comparable(one, other)
        )
    )
    ours = {component.component_id: component for component in here.components}
    theirs = {component.component_id: component for component in there.components}
    found: list[SharedComponent] = []
    for negative, _, one, other in pairs:
        if -negative >= ALIKE_ENOUGH and one in ours and other in theirs:
            found.append(_shared(ours.pop(one), theirs.pop(other), -negative))
    return tuple(found[:_MOST])


def _comparable(one: StandingComponent, other: StandingComponent) -> bool:
    enough = min(len(one.sketch), len(other.sketch)) >= _FEWEST_SHINGLES
    return enough and one.language == other.language and not set(one.sketch).isdisjoint(other.sketch)


def _shared(here: StandingComponent, there: StandingComponent, value: float) -> SharedComponent:
    differ = here.digest != there.digest and here.changed.at != there.changed.at
    later = max(here, there, key=lambda component: component.changed.at)
    return SharedComponent(
        name=here.name,
        likeness=1.0 if here.digest == there.digest else min(round(value, 2), 0.99),
        here=_place(here),
        there=_place(there),
        changed_last=("here" if later is here else "there") if differ else None,
        changed_at=later.changed.at if differ else None,
    )


def _place(component: StandingComponent) -> Place:
    return Place(path=component.files[0], start=component.start, end=component.end, commit=component.commit)
