"""Components that stand in two repositories, the same or nearly."""

from collections import defaultdict
from collections.abc import Sequence

from devnexus.alike.bag import place
from devnexus.events.patterns_extracted import SHINGLE_LINES, SKETCH_SIZE
from devnexus.events.similarity_computed import Place, SharedComponent
from devnexus.knowledge.projection import Projection, StandingComponent

ALIKE_ENOUGH = 0.75
"""Three of four lines: below it, code of one style looks alike without one being a copy."""

_MOST = 10
FEWEST_SHINGLES = 8
"""Ten lines of code: shorter ones are alike because there are few ways to write them."""


def likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """The share of equal lines, from 0 to 1, estimated from two sketches (the smallest hashes of shingles).

    Their Jaccard similarity j after Broder, "On the resemblance and containment of documents" (1997),
    exact where both sketches hold their whole set; from it (2j / (1 + j)) ** (1 / k) for shingles of k
    lines, after Ondov et al., "Mash" (2016): one changed line changes k shingles.
    """
    ours, theirs = set(one), set(other)
    union = sorted(ours | theirs)
    if max(len(one), len(other)) == SKETCH_SIZE:  # of what is larger than this we know nothing
        union = union[:SKETCH_SIZE]
    jaccard = len(ours & theirs & set(union)) / len(union) if union else 0.0
    return float((2 * jaccard / (1 + jaccard)) ** (1 / SHINGLE_LINES))


def shared_components(here: Projection, there: Projection) -> tuple[SharedComponent, ...]:
    """Pairs of components that are about three quarters alike, each in one pair, most alike first."""
    ours = {component.component_id: component for component in here.components}
    theirs = {component.component_id: component for component in there.components}
    pairs = sorted(
        (-likeness(ours[one].sketch, theirs[other].sketch), -ours[one].lines_of_code, one, other)
        for one, other in _candidates(here, there)
    )
    found: list[SharedComponent] = []
    for negative, _, one, other in pairs:
        if -negative >= ALIKE_ENOUGH and one in ours and other in theirs:
            found.append(shared_component(ours.pop(one), theirs.pop(other), -negative))
    return tuple(found[:_MOST])


def _candidates(here: Projection, there: Projection) -> set[tuple[str, str]]:
    """The ids of components of one language that have a hash in common, so that not all are compared."""
    having: dict[tuple[str, str], list[str]] = defaultdict(list)
    for other in there.components:
        if len(other.sketch) >= FEWEST_SHINGLES:
            for shingle in other.sketch:
                having[other.language, shingle].append(other.component_id)
    return {
        (one.component_id, other)
        for one in here.components
        if len(one.sketch) >= FEWEST_SHINGLES
        for shingle in one.sketch
        for other in having.get((one.language, shingle), ())
    }


def shared_component(here: StandingComponent, there: StandingComponent, value: float) -> SharedComponent:
    """What two components have in common whose likeness is `value`, and which of them changed last."""
    is_same = here.digest == there.digest
    shared = SharedComponent(
        name=here.name,
        likeness=1.0 if is_same else min(round(value, 2), 0.99),
        here=_place(here),
        there=_place(there),
    )
    changes = [(one.changed.at, side) for one, side in ((here, "here"), (there, "there")) if one.changed]
    if is_same or not changes or len({at for at, _ in changes}) < len(changes):
        return shared
    at, side = max(changes)
    other = there if side == "here" else here
    return shared.model_copy(
        update={"changed_last": side, "changed_at": at, "other_known": other.first_seen <= at}
    )


def _place(component: StandingComponent) -> Place:
    return place(component.files[0], component.start, component.end, component.commit)
