"""Where else a component stands: the same code under any name, or nearly the same under its own."""

from collections.abc import Iterator, Sequence
from itertools import islice

from a2a_gateway.knowledge.component_texts import plain
from a2a_gateway.knowledge.reading import Reading
from devnexus.alike.copies import ALIKE_ENOUGH, FEWEST_SHINGLES, likeness, shared_component
from devnexus.events.similarity_computed import SharedComponent
from devnexus.knowledge.projection import Projection, StandingComponent

_COMPARED = 50
"""Of a component that many repositories have, so many others are looked at."""

Copy = tuple[Projection, SharedComponent]
"""The other repository, and what the two have in common."""


def copies_elsewhere(here: Projection, component: StandingComponent, knowledge: Reading) -> Sequence[Copy]:
    """The copies in other repositories, the most alike first; not in those that people say are not alike."""
    if len(component.sketch) < FEWEST_SHINGLES:
        return ()
    best: dict[str, Copy] = {}
    for there, other in _candidates(here, component, knowledge):
        value = likeness(component.sketch, other.sketch)
        if value >= ALIKE_ENOUGH:
            shared = shared_component(component, other, value)
            known = best.get(there.repository_id)
            if known is None or known[1].likeness < shared.likeness:
                best[there.repository_id] = (there, shared)
    return sorted(best.values(), key=lambda copy: (-copy[1].likeness, copy[0].repository_name))


def _candidates(
    here: Projection, component: StandingComponent, knowledge: Reading
) -> Iterator[tuple[Projection, StandingComponent]]:
    texts, shown = knowledge.components, knowledge.view.repositories
    apart = {here.repository_id, *knowledge.view.not_alike(here.repository_id)}
    found = (
        (shown[id_], other)
        for key in (component.digest, plain(component.name))
        for id_ in texts.having(key)
        if id_ in shown and id_ not in apart
        for other in texts.of(shown[id_]).alike.get(key, ())
        if other.language == component.language
    )
    return islice(found, _COMPARED)
