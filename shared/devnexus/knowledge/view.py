"""All that is known at one revision, in memory, and how to get from one revision to the next."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from devnexus.errors import Unavailable
from devnexus.knowledge.layout import PROJECTIONS, projection_path
from devnexus.knowledge.projection import Projection, read_projection
from devnexus.knowledge.store import Store
from devnexus.repository import RepositoryId

_KEPT = 8


@dataclass(frozen=True)
class View:
    """Every repository's projection at one revision."""

    revision: str
    pages: Mapping[str, Projection]
    """Path of the page → what it says, in order of path."""

    @cached_property
    def everyone(self) -> Mapping[RepositoryId, Projection]:
        """Every repository by its id, also one whose name another has taken over since."""
        return {page.repository_id: page for page in self.pages.values()}

    @cached_property
    def repositories(self) -> Mapping[RepositoryId, Projection]:
        """The repositories of today by id: without those whose name another has taken over since."""
        return {page.repository_id: page for path, page in self.pages.items() if "@" not in path}

    def named(self, name: str) -> Projection | None:
        """The repository that is called `name` today, however it is spelled, or None."""
        if exact := self.pages.get(projection_path(name)):
            return exact
        wanted = projection_path(name).lower()
        return next((page for path, page in self.pages.items() if path.lower() == wanted), None)


class Views:
    """Views of one store; the last ones are kept, so that the next revision costs only what changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._views: dict[str, View] = {}

    def head(self) -> View:
        """The view at the store's head. Raises Unavailable or Damaged where it cannot be had."""
        return self.at(self._store.head())

    def at(self, revision: str) -> View:
        """The view at `revision`. Raises Unavailable or Damaged where it cannot be had."""
        with self._lock:
            view = self._views.pop(revision, None) or self._read(revision)
            self._views[revision] = view  # the last used stands last
            if len(self._views) > _KEPT:
                del self._views[next(iter(self._views))]
            return view

    def _read(self, revision: str) -> View:
        if not self._views:
            return View(revision, self._projections([PROJECTIONS], revision))
        nearest = self._views[next(reversed(self._views))]
        try:
            changed = self._store.changed(nearest.revision, revision)
        except Unavailable:  # another base may have taken the place of the one we knew
            return View(revision, self._projections([PROJECTIONS], revision))
        paths = [path for path in changed if _is_page(path)]
        kept = {path: page for path, page in nearest.pages.items() if path not in set(paths)}
        pages = {**kept, **self._projections(paths, revision)}
        return View(revision, {path: pages[path] for path in sorted(pages)})

    def _projections(self, paths: list[str], revision: str) -> dict[str, Projection]:
        contents = self._store.read(paths, at=revision)
        pages = sorted((path, content) for path, content in contents.items() if _is_page(path))
        return {path: read_projection(content) for path, content in pages}


def _is_page(path: str) -> bool:
    """Whether we wrote it: what people put beside our pages says nothing of a repository."""
    return path.startswith(PROJECTIONS) and path.endswith(".json")
