"""Components that came to stand in two repositories, wherever these are."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import cache
from typing import NamedTuple

from devnexus.alike.changed_components import new_or_changed
from devnexus.alike.copies import ALIKE_ENOUGH, likeness
from devnexus.alike.copy_index import CopyIndex
from devnexus.knowledge.consumers import Uses
from devnexus.knowledge.differing import Pages
from devnexus.knowledge.projection import Projection, StandingComponent
from devnexus.repository import RepositoryId


class Pair(NamedTuple):
    """Two components that are alike, and the repositories they stand in."""

    likeness: float
    here: Projection
    component: StandingComponent
    there: Projection
    counterpart: StandingComponent

    def reversed(self) -> "Pair":
        """The same from the other side."""
        return Pair(self.likeness, self.there, self.counterpart, self.here, self.component)


def new_pairs(
    before: Pages,
    changed: Sequence[Projection],
    index: CopyIndex,
    uses: Uses,
    *,
    not_alike: Callable[[RepositoryId], Set[RepositoryId]],
) -> Mapping[RepositoryId, Sequence[Pair]]:
    """For each of `changed`, which are others than in `before`: pairs that were not alike then.

    The most alike come first; each component of it is in one pair. None between repositories of which one
    asks for a package of the other, as that is use and no copy, nor with those that are `not_alike`.
    """
    ids = {page.repository_id for page in changed}
    of_each: dict[RepositoryId, list[Pair]] = defaultdict(list)
    used_by = cache(uses.used_by)
    for pair in _pairs(before, changed, index):
        here, there = pair.here.repository_id, pair.there.repository_id
        if there in not_alike(here) or there in used_by(here) or here in used_by(there):
            continue
        of_each[here].append(pair)
        if there in ids:
            of_each[there].append(pair.reversed())
    return {id_: _one_of_each(pairs) for id_, pairs in of_each.items()}


def _pairs(before: Pages, changed: Sequence[Projection], index: CopyIndex) -> Iterator[Pair]:
    stood = _Stood(before)
    for here in changed:
        for component in new_or_changed(here, before.get(here.repository_id)):
            for value, there, counterpart in index.like(here.repository_id, component):
                pair = Pair(value, here, component, there, counterpart)
                if not stood.alike(pair):
                    yield pair


def _one_of_each(pairs: Sequence[Pair]) -> list[Pair]:
    """Of several counterparts the most alike, of these the oldest: it is likelier to be the origin."""
    best: dict[str, Pair] = {}
    for pair in sorted(pairs, key=_best_first):
        best.setdefault(pair.component.component_id, pair)
    return list(best.values())


def _best_first(pair: Pair) -> tuple[float, int, str, float, str, str]:
    return (
        -pair.likeness,
        -pair.component.lines_of_code,
        pair.component.component_id,
        pair.counterpart.first_seen.timestamp(),
        pair.there.repository_id,
        pair.counterpart.component_id,
    )


class _Stood:
    """What was so before; a component that only moved is the same one."""

    def __init__(self, before: Pages) -> None:
        self._before = before
        self._known: dict[RepositoryId, dict[str, list[StandingComponent]]] = {}

    def alike(self, pair: Pair) -> bool:
        """Whether both were there and alike already."""
        return any(
            likeness(one.sketch, other.sketch) >= ALIKE_ENOUGH
            for one in self._earlier(pair.here, pair.component)
            for other in self._earlier(pair.there, pair.counterpart)
            if one.language == other.language
        )

    def _earlier(self, page: Projection, component: StandingComponent) -> list[StandingComponent]:
        known = self._of(page.repository_id)
        return [*known.get(component.component_id, ()), *known.get(component.digest, ())]

    def _of(self, repository: RepositoryId) -> dict[str, list[StandingComponent]]:
        """By id and by digest."""
        if repository not in self._known:
            found = self._known[repository] = defaultdict(list)
            old = self._before.get(repository)
            for one in old.components if old else ():
                found[one.component_id].append(one)
                found[one.digest].append(one)
        return self._known[repository]
