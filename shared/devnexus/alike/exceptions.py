"""In what a repository is the exception among its kind."""

from collections.abc import Callable, Set
from typing import NamedTuple

from devnexus.alike.index import Index
from devnexus.alike.missing import missing_among, peers_in
from devnexus.alike.variants import variants_among
from devnexus.alike.ways import Ways, ways_of
from devnexus.events.similarity_computed import Missing, Variant
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.view import View


class Exceptions(NamedTuple):
    """What a repository does not do, or does otherwise, unlike most of its kind."""

    missing: tuple[Missing, ...] = ()
    variants: tuple[Variant, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.variants)

    @property
    def patterns(self) -> Set[str]:
        """What they are about."""
        return {one.pattern for one in self.missing} | {one.pattern for one in self.variants}

    def beyond(self, before: "Exceptions") -> "Exceptions":
        """Those that were not so before."""
        lacked = {one.pattern for one in before.missing}
        differed = {(one.pattern, one.theirs, one.ours) for one in before.variants}
        return Exceptions(
            tuple(one for one in self.missing if one.pattern not in lacked),
            tuple(one for one in self.variants if (one.pattern, one.theirs, one.ours) not in differed),
        )


def exceptions_in(
    view: View,
    index: Index,
    here: Projection,
    *,
    ways: Callable[[Projection], Ways] = ways_of,
    about: Set[str] | None = None,
) -> Exceptions:
    """In what it is the exception at a view, of which `index` is; not what people say is meant.

    `about` these patterns only, where that is given.
    """
    peers, corrections = peers_in(view, index, here), view.corrections(here)
    return Exceptions(
        missing_among(here, peers, corrections=corrections, about=about),
        variants_among(here, peers, corrections=corrections, about=about, ways=ways),
    )
