"""At one revision: who is of one's kind, and in what a repository is the exception."""

from typing import NamedTuple

from devnexus.alike.missing import missing_among, of_its_kind
from devnexus.alike.variants import variants_among
from devnexus.alike.ways import Ways, ways_of
from devnexus.events.similarity_computed import Missing, Variant
from devnexus.knowledge.following import Pages
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.view import View
from devnexus.repository import RepositoryId


class Exceptions(NamedTuple):
    """What a repository does not do, or does otherwise, unlike most of its kind."""

    missing: tuple[Missing, ...] = ()
    variants: tuple[Variant, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.variants)

    def beyond(self, before: "Exceptions") -> "Exceptions":
        """Those that were not so before."""
        lacked = {one.pattern for one in before.missing}
        differed = {(one.pattern, one.theirs, one.ours) for one in before.variants}
        return Exceptions(
            tuple(one for one in self.missing if one.pattern not in lacked),
            tuple(one for one in self.variants if (one.pattern, one.theirs, one.ours) not in differed),
        )


class Kinds:
    """The repositories of one revision, each beside those of its kind."""

    def __init__(self, view: View, *, previous: "Kinds | None" = None) -> None:
        """`previous` is of another revision: what did not change since is not looked through again."""
        self._view = view
        self._ways: dict[RepositoryId, tuple[Projection, Ways]] = dict(previous._ways) if previous else {}

    @property
    def pages(self) -> Pages:
        """The repositories by their ids."""
        return self._view.repositories

    def exceptions(self, repository: RepositoryId) -> Exceptions:
        """In what a repository is the exception and people do not say that it is meant to be."""
        here = self.pages.get(repository)
        if here is None or not here.standing_patterns:
            return Exceptions()
        peers = of_its_kind(here, self.pages.values())
        corrections = self._view.corrections(here)
        return Exceptions(
            missing_among(here, peers, corrections=corrections),
            variants_among(here, peers, corrections=corrections, ways=self._ways_of),
        )

    def _ways_of(self, page: Projection) -> Ways:
        known = self._ways.get(page.repository_id)
        if known is None or known[0] is not page:
            known = self._ways[page.repository_id] = page, ways_of(page)
        return known[1]
