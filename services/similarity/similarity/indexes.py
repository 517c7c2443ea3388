"""The views of one store, and the indexes that go along from one to the other."""

import logging
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass

from devnexus.alike.bag import Term, bag_of
from devnexus.alike.exceptions import Exceptions, exceptions_in
from devnexus.alike.following import FollowingIndex
from devnexus.alike.index import Index
from devnexus.alike.missing import FEWEST_COMPARED, peers_in
from devnexus.alike.reasons import alike, most_alike, named
from devnexus.alike.ways import KnownWays
from devnexus.errors import Unavailable
from devnexus.events import KnowledgeCommitted
from devnexus.events.similarity_computed import Alike, Named
from devnexus.knowledge.differing import Pages
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.store import Damaged
from devnexus.knowledge.view import View, Views
from similarity.connections import Connections
from similarity.pushes import Pushes, pushes_in, untold

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Known:
    """A view with the indexes that are at it."""

    view: View
    index: Index
    ways: KnownWays

    def alike(self, page: Projection) -> tuple[Alike, ...]:
        """The repositories most like one, with the reasons."""
        return alike(self.view, self.index, page.repository_id)

    def most_alike(self, page: Projection) -> list[Named]:
        """The same without the reasons."""
        return [named(other) for other in most_alike(self.view, self.index, page)]

    def likeness(self, one: Projection | None, other: Projection | None) -> float:
        """How alike two pages of any revision are, by what sharing says in this one.

        0 where one is none, or they share but words.
        """
        if one is None or other is None:
            return 0.0
        bag, other_bag = bag_of(one), bag_of(other)
        shares_only_words = all(term.kind == "keyword" for term in bag & other_bag)
        return 0.0 if shares_only_words else self.index.score(bag, other_bag)

    def exceptions(self, page: Projection, *, about: Set[str] | None = None) -> Exceptions:
        """In what a repository is the exception among its kind; `about` these patterns only, where given."""
        return exceptions_in(self.view, self.index, page, ways=self.ways.of, about=about)

    def common(self, patterns: Set[str]) -> Set[str]:
        """Those that enough repositories have for others to be exceptions."""
        return {
            pattern
            for pattern in patterns
            if len(self.index.sharing([Term("pattern", pattern)], at_least=1)) >= FEWEST_COMPARED - 1
        }

    def of_its_kind(self, page: Projection) -> list[Projection]:
        """The others of a repository's kind; it is of theirs."""
        return peers_in(self.view, self.index, page)


class Indexes:
    """What is known at any revision of one store; going to another one costs what differs there."""

    def __init__(self, views: Views) -> None:
        self.connections = Connections()
        self._views = views
        self._index = FollowingIndex()
        self._ways = KnownWays()

    def view(self, revision: str) -> View:
        """What was known at `revision`. Raises Unavailable where it cannot be had."""
        try:
            return self._views.at(revision)
        except Damaged as error:  # somebody edited a page; the writer will write it anew
            raise Unavailable(f"the knowledge base cannot be read at {revision}: {error}") from error

    def pushes(self, event: KnowledgeCommitted, pages: Pages) -> Pushes:
        """The pushes of the commit of which `pages` do not tell. Raises Unavailable as `view` does.

        None of them where history is damaged: what pages tell is told.
        """
        repositories = untold(event, pages)
        if not event.parent or not repositories:
            return {}
        try:
            return pushes_in(self._views.records(event.parent, event.revision, of=repositories))
        except Damaged as error:
            _log.warning("of %s only the newest pushes are told: %s", event.revision, error)
            return {}

    @contextmanager
    def at(self, view: View) -> Iterator[Known]:
        """A view with its indexes; others wait until they are given back."""
        with self._index.at(view) as index:
            yield Known(view, index, self._ways)
