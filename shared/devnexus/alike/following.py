"""An index of a view, and one that goes along from view to view."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from devnexus.alike.bag import bag_of
from devnexus.alike.index import Index
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.view import View
from devnexus.repository import RepositoryId


def index_of(view: View) -> Index:
    """The index of the repositories of a view."""
    index = Index()
    for id_, page in view.repositories.items():
        index.put(id_, bag_of(page))
    return index


class FollowingIndex:
    """One index for many views of a base: a step to another view costs what is different there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._index = Index()
        self._at: Mapping[RepositoryId, Projection] = {}

    @contextmanager
    def at(self, view: View) -> Iterator[Index]:
        """The index as of `view`, earlier or later than the last one; others wait until it is given back."""
        with self._lock:
            self._go_to(view.repositories)
            yield self._index

    def _go_to(self, pages: Mapping[RepositoryId, Projection]) -> None:
        if pages is self._at:
            return
        before, self._at = self._at, {}  # should this fail half-way, the next one puts every page anew
        for gone in self._index.repositories - pages.keys():
            self._index.remove(gone)
        for id_, page in pages.items():
            if before.get(id_) is not page:
                self._index.put(id_, bag_of(page))
        self._at = pages
