"""Which repository's page stands under which name, also when several claim one."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from devnexus.knowledge.last_good import last_good_of
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.projection import Projection, read_projection
from devnexus.knowledge.store import Store
from devnexus.repository import RepositoryId, RepositoryName

Pages = dict[RepositoryId, Projection]


def read_pages(store: Store, paths: Collection[str], *, at: str) -> dict[str, Projection]:
    """The pages at these paths; of one that somebody broke, the last version that can be read."""
    contents = store.read(paths, at=at)
    found = last_good_of(store, contents, lambda _: read_projection, at=at)
    return {path: page.value for path, page in found.items() if page.value is not None}


def place_pages(
    projections: Iterable[Projection],
    *,
    hidden: Collection[RepositoryId] = (),
    left: Collection[RepositoryName],
    store: Store,
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
    changes: dict[str, bytes | None] = {}
    names = sorted({projection.repository_name for projection in moved.values()} | set(left))
    for name, stored in _claimants(names, store, at).items():
        claimants = {
            **{id_: page for id_, page in stored.items() if id_ not in moved and id_ not in hidden},
            **{id_: page for id_, page in moved.items() if page.repository_name == name},
        }
        changes.update(dict.fromkeys(pages_under(name, stored)))
        changes.update({path: page.page() for path, page in pages_under(name, claimants).items()})
    return changes


def _claimants(names: Sequence[RepositoryName], store: Store, at: str) -> dict[RepositoryName, Pages]:
    """For each name the repositories whose pages stand under it at revision `at`, in at most two reads."""
    pages = read_pages(store, [projection_path(name) for name in names], at=at)
    holders = {name: pages[projection_path(name)] for name in names if projection_path(name) in pages}
    shared = {name: holder for name, holder in holders.items() if holder.name_shared_with}
    paths = {name: [projection_path(name, id_) for id_ in shared[name].name_shared_with] for name in shared}
    others = read_pages(store, [path for of_name in paths.values() for path in of_name], at=at)
    claimants: dict[RepositoryName, Pages] = {name: {} for name in names}
    for name, holder in holders.items():
        claiming = [holder, *(others[path] for path in paths.get(name, ()) if path in others)]
        claimants[name] = {page.repository_id: page for page in claiming}
    return claimants


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
