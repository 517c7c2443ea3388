"""Finds the components of all repositories that are like one: their sketches have a hash in common."""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from typing import NamedTuple

from devnexus.alike.copies import ALIKE_ENOUGH, FEWEST_SHINGLES, likeness
from devnexus.knowledge.differing import Pages, differences
from devnexus.knowledge.projection import Projection, StandingComponent
from devnexus.repository import RepositoryId

_INDEXED = 8
"""So many of a sketch's smallest hashes are kept: of two components that are 90 % alike one in a thousand
pairs is missed, at the least likeness that counts one in twelve, for a third of the memory."""

_LOOKED_AT = 50
"""So many components that have a hash are looked at: what stands in all files, as a licence does, says
little, and a hundred copies of one component need not all be told."""

Key = tuple[RepositoryId, str]
"""A repository and the id of a component in it."""


class Counterpart(NamedTuple):
    """A component of another repository that is like one."""

    likeness: float
    page: Projection
    component: StandingComponent


class CopyIndex:
    """All components of the pages that it last moved to; moving costs what differs between them."""

    def __init__(self) -> None:
        self._pages: Pages = {}
        self._components: dict[Key, StandingComponent] = {}
        self._having: dict[str, dict[str, list[Key]]] = defaultdict(lambda: defaultdict(list))
        """Language → hash → who has it, in order."""

    def move_to(self, pages: Pages) -> None:
        """Let `pages` be what is known."""
        for was, now in differences(self._pages, pages):
            self._replace(_by_key(was) if was else {}, _by_key(now) if now else {})
        self._pages = pages

    def like(self, here: RepositoryId, component: StandingComponent) -> list[Counterpart]:
        """What is at least three quarters like it in other repositories, most alike first."""
        if len(component.sketch) < FEWEST_SHINGLES:
            return []
        found = [
            Counterpart(likeness(component.sketch, other.sketch), self._pages[key[0]], other)
            for key in self._candidates(here, component)
            if (other := self._components[key])
        ]
        return sorted((one for one in found if one.likeness >= ALIKE_ENOUGH), key=_best_and_oldest_first)

    def _candidates(self, here: RepositoryId, component: StandingComponent) -> list[Key]:
        """Those with most hashes in common."""
        having = self._having.get(component.language, {})
        common: Counter[Key] = Counter()
        for shingle in component.sketch:
            common.update(having.get(shingle, ())[:_LOOKED_AT])
        others = (key for key in common if key[0] != here)
        return sorted(others, key=lambda key: (-common[key], key))[:_LOOKED_AT]

    def _replace(self, old: dict[Key, StandingComponent], new: dict[Key, StandingComponent]) -> None:
        for key, component in old.items():
            if not (key in new and _is_indexed_alike(component, new[key])):
                self._take_out(key, component)
        for key, component in new.items():
            if not (key in old and _is_indexed_alike(component, old[key])):
                for shingle in _indexed(component):
                    insort(self._having[component.language][shingle], key)
        for key in old.keys() - new.keys():
            del self._components[key]
        self._components.update(new)

    def _take_out(self, key: Key, component: StandingComponent) -> None:
        by_hash = self._having[component.language]
        for shingle in _indexed(component):
            having = by_hash[shingle]
            del having[bisect_left(having, key)]
            if not having:
                del by_hash[shingle]


def _by_key(page: Projection) -> dict[Key, StandingComponent]:
    """The components that are long enough to be compared."""
    return {
        (page.repository_id, one.component_id): one
        for one in page.components
        if len(one.sketch) >= FEWEST_SHINGLES
    }


def _is_indexed_alike(one: StandingComponent, other: StandingComponent) -> bool:
    return one.language == other.language and one.sketch == other.sketch


def _indexed(component: StandingComponent) -> list[str]:
    return sorted(set(component.sketch))[:_INDEXED]


def _best_and_oldest_first(one: Counterpart) -> tuple[float, float, str, str]:
    """Of several that are as much alike the one that was there first is likelier to be where it came from."""
    since = one.component.first_seen.timestamp()
    return -one.likeness, since, one.page.repository_id, one.component.component_id
