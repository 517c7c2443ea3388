"""All that is known at one revision, in memory, and how to get from one revision to the next."""

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from devnexus.errors import Unavailable
from devnexus.events import Record
from devnexus.knowledge.corrected import Catalogue, catalogue_of, corrected
from devnexus.knowledge.history import records_between
from devnexus.knowledge.last_good import LastGood, Problem, last_good_of
from devnexus.knowledge.layout import PROJECTIONS, projection_path
from devnexus.knowledge.people import People, read_changed_people, read_people
from devnexus.knowledge.projection import Projection, read_projection
from devnexus.knowledge.store import Store
from devnexus.people.corrections import Corrections
from devnexus.people.globs import names_repository
from devnexus.repository import RepositoryId
from devnexus.values import lean

_KEPT = 8

_Raw = Mapping[str, LastGood[Projection]]
_NOTHING_SEEN = Catalogue()

Keep = Callable[[Projection], Projection]


@dataclass(frozen=True)
class View:
    """Every repository's projection at one revision, as people corrected it."""

    revision: str
    pages: Mapping[str, Projection]
    """Path of the page → what it says, in order of path. Without the repositories that are excluded."""
    people: People = People()
    """What people say in their own files."""
    problems: tuple[Problem, ...] = ()
    """Files, people's and ours, that cannot be read as they are; an earlier version stands in."""
    raw: _Raw = field(default_factory=dict, repr=False, compare=False)
    """The pages as they were written; equal revisions have equal ones."""

    @cached_property
    def everyone(self) -> Mapping[RepositoryId, Projection]:
        """Every repository by its id, also one whose name another has taken over since."""
        return {page.repository_id: page for page in self.pages.values()}

    @cached_property
    def repositories(self) -> Mapping[RepositoryId, Projection]:
        """The repositories of today by id: without those whose name another has taken over since."""
        return {page.repository_id: page for path, page in self.pages.items() if "@" not in path}

    def corrections(self, page: Projection) -> Corrections:
        """What people say of a repository."""
        return self.people.corrections(projection_path(page.repository_name))

    def not_alike(self, here: RepositoryId) -> frozenset[RepositoryId]:
        """The repositories of which nobody is to be told that they are like one, or it like them."""
        return self._not_alike.get(here, frozenset())

    @cached_property
    def _not_alike(self) -> Mapping[RepositoryId, frozenset[RepositoryId]]:
        saying: dict[tuple[str, ...], set[RepositoryId]] = defaultdict(set)
        for here in self.everyone.values():
            if names := self.corrections(here).not_alike:  # with a line for all, everybody says the same
                saying[names].add(here.repository_id)
        hidden: dict[RepositoryId, set[RepositoryId]] = defaultdict(set)
        for names, saying_so in saying.items():
            meant = {
                page.repository_id
                for page in self.everyone.values()
                if names_repository(names, page.repository_name)
            }
            for some, others in (saying_so, meant), (meant, saying_so):
                for id_ in some:
                    hidden[id_] |= others
        return {id_: frozenset(others) for id_, others in hidden.items()}

    def named(self, name: str) -> Projection | None:
        """The repository that is called `name` today, however it is spelled, or None."""
        if exact := self.pages.get(projection_path(name)):
            return exact
        wanted = projection_path(name).lower()
        return next((page for path, page in self.pages.items() if path.lower() == wanted), None)


class Views:
    """Views of one store; the last ones are kept, so that the next revision costs only what changed."""

    def __init__(
        self,
        store: Store,
        *,
        keep: Keep = lambda page: page,
        kept: int = _KEPT,
        known: View | None = None,
    ) -> None:
        """`keep` gives what is to stay in memory of a page, for a reader that does not want all of it.

        `kept` is how many views stay; `known` is one that somebody else has of this store already.
        """
        self._store = store
        self._keep = keep
        self._kept = kept
        self._lock = threading.Lock()
        self._views: dict[str, View] = {known.revision: known} if known else {}

    def head(self) -> View:
        """The view at the store's head. Raises Unavailable or Damaged where it cannot be had."""
        return self.at(self._store.head())

    def at(self, revision: str) -> View:
        """The view at `revision`. Raises Unavailable or Damaged where it cannot be had."""
        with self._lock:
            view = self._views.pop(revision, None) or self._read(revision)
            self._views[revision] = view  # the last used stands last
            if len(self._views) > self._kept:
                del self._views[next(iter(self._views))]
            return view

    def records(self, old: str, new: str, *, of: Collection[RepositoryId]) -> list[Record]:
        """The records of these repositories that revision `new` holds and `old` does not.

        Raises Unavailable or Damaged where they cannot be had.
        """
        return records_between(self._store, old, new, of=of)

    def _read(self, revision: str) -> View:
        if not self._views:
            return self._read_all(revision)
        nearest = self._views[next(reversed(self._views))]
        try:
            changed = self._store.changed(nearest.revision, revision)
        except Unavailable:  # another base may have taken the place of the one we knew
            return self._read_all(revision)
        paths = [path for path in changed if _is_page(path)]
        kept = {path: good for path, good in nearest.raw.items() if path not in set(paths)}
        people = read_changed_people(self._store, nearest.people, changed, revision)
        return _view(revision, {**kept, **self._pages(paths, revision)}, people, nearest)

    def _read_all(self, revision: str) -> View:
        pages, people = self._pages([PROJECTIONS], revision), read_people(self._store, revision)
        return _view(revision, pages, people, None)

    def _pages(self, paths: Iterable[str], revision: str) -> dict[str, LastGood[Projection]]:
        contents = self._store.read(list(paths), at=revision)
        pages = {path: content for path, content in contents.items() if _is_page(path)}
        return last_good_of(self._store, pages, lambda _: self._read_page, at=revision)

    def _read_page(self, content: bytes) -> Projection:
        return lean(self._keep(read_projection(content)))


def _is_page(path: str) -> bool:
    """Whether we wrote it: what people put beside our pages says nothing of a repository."""
    return path.startswith(PROJECTIONS) and path.endswith(".json")


def _view(revision: str, unsorted: _Raw, people: People, nearest: View | None) -> View:
    raw = dict(sorted(unsorted.items()))
    problems = tuple(good.problem for good in raw.values() if good.problem)
    return View(
        revision=revision,
        pages=_corrected(raw, people, nearest),
        people=people,
        problems=(*people.problems, *problems),
        raw=raw,
    )


def _corrected(raw: _Raw, people: People, nearest: View | None) -> dict[str, Projection]:
    """The pages that are shown; those of `nearest` itself where what they depend on did not change."""
    written = {
        path: good.value
        for path, good in raw.items()
        if good.value and not good.value.removed and people.organisation.wants(good.value.repository_name)
    }
    confirming = {path for path in written if people.corrections(path).confirm}
    unchanged = _unchanged(raw, people, nearest) - confirming
    catalogue = catalogue_of(written.values(), people.vocabulary) if confirming else _NOTHING_SEEN
    pages: dict[str, Projection] = {}
    for path, page in written.items():
        before = nearest.pages.get(path) if nearest else None
        if before and path in unchanged:
            pages[path] = before
            continue
        now = corrected(
            page,
            vocabulary=people.vocabulary,
            corrections=people.corrections(path),
            catalogue=catalogue if path in confirming else _NOTHING_SEEN,
        )
        pages[path] = before if before == now else now  # whoever keeps it sees that nothing changed
    return pages


def _unchanged(raw: _Raw, people: People, nearest: View | None) -> set[str]:
    """The pages that are as they were in `nearest`, and of which people say the same."""
    if nearest is None or people.vocabulary != nearest.people.vocabulary:
        return set()
    return {
        path
        for path, good in raw.items()
        if good is nearest.raw.get(path)
        and (people is nearest.people or people.corrections(path) == nearest.people.corrections(path))
    }
