"""What of a view somebody may see: neither a page that is hidden from them nor its name in another's page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from devnexus.knowledge.last_good import LastGood, Problem
from devnexus.knowledge.layout import CORRECTIONS, PROJECTIONS
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.view import View
from devnexus.repository import RepositoryId
from devnexus.schema_v2 import Component, DependencyInfo, DependencyRelationship

MaySee = Callable[[Projection], bool]


@dataclass(frozen=True)
class Hidden:
    """The repositories that are known and not shown: removed and excluded ones, and those of others."""

    ids: frozenset[RepositoryId] = frozenset()
    names: frozenset[str] = frozenset()
    """What they are or were called, in lower case, without what one that is shown is called today."""

    def means(self, name: str) -> bool:
        """Whether `name`, as people and agents write it, is that of a hidden repository."""
        return bool(self.names) and _plain(name) in self.names


@dataclass(frozen=True)
class Shown:
    """What is to be seen of a view, and what is not."""

    view: View
    """The whole view itself where nothing is hidden."""
    hidden: Hidden


class Visible:
    """The part of views that `may_see` lets through. A page that looks as it did in the last view is the
    same object, so that whoever follows views from one to the next follows these as well."""

    def __init__(self, may_see: MaySee) -> None:
        self._may_see = may_see
        self._hidden = Hidden()
        self._pages: Mapping[str, tuple[Projection, Projection]] = {}
        """Path → the page as it was given last, and as it was shown."""

    def of(self, view: View, *, besides: Hidden = Hidden()) -> Shown:
        """What is to be seen of `view`; where `besides` are hidden, they are in it as well."""
        seen = {path: page for path, page in view.pages.items() if self._may_see(page)}
        hidden = _hidden(view, seen, besides)
        if not hidden.ids and len(seen) == len(view.pages):
            self._hidden, self._pages = hidden, {}
            return Shown(view, hidden)
        pages = {path: self._shown(path, page, hidden) for path, page in seen.items()}
        self._hidden, self._pages = hidden, {path: (seen[path], page) for path, page in pages.items()}
        sees_all = len(seen) == len(view.pages)
        raw = view.raw if sees_all else {path: good for path, good in view.raw.items() if path in pages}
        problems = tuple(one for one in view.problems if _is_theirs(one, view, pages, sees_all=sees_all))
        return Shown(View(view.revision, pages, view.people, problems, raw), hidden)

    def _shown(self, path: str, page: Projection, hidden: Hidden) -> Projection:
        was, looked = self._pages.get(path, (None, None))
        if looked and was is page and hidden == self._hidden:
            return looked
        now = _without(page, hidden)
        return looked if looked and looked == now else now


def _hidden(view: View, seen: Mapping[str, Projection], besides: Hidden) -> Hidden:
    """Those of which there is a page that is not among the seen ones, and `besides`."""
    ids, names = set(besides.ids), set(besides.names)
    for path, good in view.raw.items():
        page = good.value
        if page and path not in seen:
            ids.update((page.repository_id, *page.adopted))
            names.update(map(str.lower, (page.repository_name, *page.former_names)))
    if not ids:
        return Hidden()
    for path, page in seen.items():
        ids.difference_update((page.repository_id, *page.adopted))
        if "@" not in path:
            names.discard(page.repository_name.lower())
    return Hidden(frozenset(ids), frozenset(names))


def _without(page: Projection, hidden: Hidden) -> Projection:
    """The page without what it says of hidden repositories; itself, where it says nothing of them."""
    others = tuple(id_ for id_ in page.name_shared_with if id_ not in hidden.ids)
    dependencies = _dependencies_without(page.dependencies, hidden)
    imported = tuple(_component_without(one, hidden) for one in page.imported_components)
    if (others, dependencies, imported) == (
        page.name_shared_with,
        page.dependencies,
        page.imported_components,
    ):
        return page
    changes = {"name_shared_with": others, "dependencies": dependencies, "imported_components": imported}
    return page.model_copy(update=changes)


def _dependencies_without(told: DependencyInfo, hidden: Hidden) -> DependencyInfo:
    if not (told.consumers or told.derivatives or told.external_dependencies):
        return told
    return told.model_copy(
        update={
            "consumers": tuple(one for one in told.consumers if not _tells_of(one, hidden)),
            "derivatives": tuple(one for one in told.derivatives if not _tells_of(one, hidden)),
            "external_dependencies": tuple(
                one for one in told.external_dependencies if not hidden.means(one)
            ),
        }
    )


def _tells_of(relationship: DependencyRelationship, hidden: Hidden) -> bool:
    """Whether any of its texts is the name; callers put it under several names of fields."""
    texts = (*relationship.__dict__.values(), *(relationship.model_extra or {}).values())
    return any(isinstance(text, str) and hidden.means(text) for text in texts)


def _component_without(component: Component, hidden: Hidden) -> Component:
    origin = component.derived_from
    if origin and hidden.means(origin.removeprefix("https://").partition(":")[0]):
        return component.model_copy(update={"derived_from": None})
    return component


def _is_theirs(problem: Problem, view: View, pages: Mapping[str, Projection], *, sees_all: bool) -> bool:
    """Whether somebody who sees these pages may be told of a file with a mistake.

    Of files about everybody only who sees everybody: what is wrong may quote a name.
    """
    name = problem.path.removeprefix(PROJECTIONS).removeprefix(CORRECTIONS)
    page = f"{PROJECTIONS}{name.removesuffix('.json').removesuffix('.yaml')}.json"
    written: LastGood[Projection] | None = view.raw.get(page)
    is_known = written is not None and written.value is not None
    return page in pages or (sees_all and not is_known)


def _plain(name: str) -> str:
    """`<owner>/<name>` in lower case, of a name or of an address that ends in it."""
    parts = name.strip().lower().removesuffix("/").removesuffix(".git").rsplit("/", 2)
    return "/".join(parts[-2:])
