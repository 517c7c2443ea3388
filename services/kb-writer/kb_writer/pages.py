"""Which repository's page stands under which name, also when several claim one."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from pydantic import ValidationError

from devnexus.knowledge.last_good import last_good_of
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.projection import Projection, read_projection
from devnexus.knowledge.store import Damaged, Files
from devnexus.repository import RepositoryId, RepositoryName
from devnexus.values import Value

T = TypeVar("T")


class Holder(Value):
    """Whose page it is that stands under a name: as much of it as that question needs."""

    repository_id: RepositoryId
    repository_name: str
    default_branch: str
    name_shared_with: tuple[RepositoryId, ...] = ()

    @property
    def claimants(self) -> dict[RepositoryId, str]:
        """Repository → path, of all that claim the name; the holder's first."""
        name = self.repository_name
        others = {id_: projection_path(name, id_) for id_ in self.name_shared_with}
        return {self.repository_id: projection_path(name), **others}


def read_holders(files: Files, names: Iterable[RepositoryName], *, at: str) -> dict[RepositoryName, Holder]:
    """Who has the page of each name; a name that has none is absent."""
    paths = {projection_path(name): name for name in names}
    return {paths[path]: holder for path, holder in _read(files, paths, _read_holder, at=at).items()}


def place_pages(
    projections: Iterable[Projection],
    *,
    hidden: Collection[RepositoryId] = (),
    left: Collection[RepositoryName],
    files: Files,
    at: str,
) -> dict[str, bytes | None]:
    """The changed page files: each of `projections` under its name, and the names in `left` put in order.

    Those in `hidden` have no page.

    Of repositories that claim the same name (one was deleted and made again, or renamed) the one that is
    still there and was heard of last has `<name>.json`, which lists the others; they have
    `<name>@<id>.json` and come back when it leaves. So the pages depend only on what is known, not on what
    came first.
    """
    moved = {projection.repository_id: projection for projection in projections}
    names = sorted({projection.repository_name for projection in moved.values()} | set(left))
    stored = {name: holder.claimants for name, holder in read_holders(files, names, at=at).items()}
    # Only who stays beside those that moved has to be read: as a rule nobody does.
    staying = {
        path
        for claimants in stored.values()
        for id_, path in claimants.items()
        if id_ not in moved and id_ not in hidden
    }
    pages = _read(files, staying, read_projection, at=at)
    changes: dict[str, bytes | None] = {}
    for name in names:
        paths = stored.get(name, {}).values()
        claiming = [pages[path] for path in paths if path in pages]
        claiming += [page for page in moved.values() if page.repository_name == name]
        claimants = {page.repository_id: page for page in claiming}
        changes.update(dict.fromkeys(paths))
        # Somebody may have taken away the page that listed it.
        unlisted = [projection_path(name, id_) for id_ in claimants.keys() - stored.get(name, {}).keys()]
        changes.update(dict.fromkeys(files.read(unlisted, at=at)))
        changes.update({path: page.page() for path, page in pages_under(name, claimants).items()})
    return changes


def pages_under(name: RepositoryName, claimants: Mapping[RepositoryId, Projection]) -> dict[str, Projection]:
    """Path → page of all who claim `name`."""
    ranked = sorted(claimants.values(), key=_rank)
    if not ranked:
        return {}
    holder = ranked.pop()
    others = tuple(sorted(page.repository_id for page in ranked))
    files = {projection_path(name): holder.model_copy(update={"name_shared_with": others})}
    for page in ranked:
        path = projection_path(name, page.repository_id)
        files[path] = page.model_copy(update={"name_shared_with": ()})
    return files


def _rank(page: Projection) -> tuple[bool, datetime, RepositoryId]:
    return not page.removed, page.last_updated, page.repository_id


def _read(files: Files, paths: Collection[str], parse: Callable[[bytes], T], *, at: str) -> dict[str, T]:
    """The pages at these paths; of one that somebody broke, the last version that can be read."""
    contents = files.read(paths, at=at)
    found = last_good_of(files, contents, lambda _: parse, at=at)
    return {path: page.value for path, page in found.items() if page.value is not None}


def _read_holder(page: bytes) -> Holder:
    try:
        return Holder.model_validate_json(page, extra="ignore")
    except ValidationError as error:
        raise Damaged("not a page of a repository") from error
