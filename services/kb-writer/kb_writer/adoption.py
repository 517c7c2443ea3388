"""When a repository that was known by name alone turns out to be one that has a number."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from devnexus.events import Record, RepositoryAdopted, RepositoryRemoved
from devnexus.knowledge.store import Files
from devnexus.repository import Repository, RepositoryId, id_of_name, is_known_by_name
from kb_writer.pages import read_holders

_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""They have been one from the start; and the records must not depend on when that was noticed."""


def adoptions(
    records: Iterable[Record],
    *,
    waiting: Callable[[RepositoryId], Repository | None],
    adopter_of: Callable[[RepositoryId], RepositoryId | None],
    files: Files,
    at: str,
) -> list[Record]:
    """The records that say so, two for each pair that meets in `records` or in `records` and the base.

    `waiting` gives what the base knows of an id that is no more than a name, and `adopter_of` whose it is.
    """
    claims: dict[str, dict[bool, Repository]] = {}
    for record in records:
        if record.repository.id.partition("/")[0] == "github.com":
            by_name = claims.setdefault(record.repository.name.lower(), {})
            by_name.setdefault(is_known_by_name(record.repository.id), record.repository)
    names = {one.name for by_name in claims.values() for one in by_name.values()}
    for page in read_holders(files, names, at=at).values():
        holder = Repository(
            id=page.repository_id, name=page.repository_name, default_branch=page.default_branch
        )
        claims.get(holder.name.lower(), {}).setdefault(is_known_by_name(holder.id), holder)
    found: list[Record] = []
    for name, by_name in sorted(claims.items()):
        if True not in by_name and (named := waiting(id_of_name(name))):  # however it was spelled
            by_name[True] = named
        if (
            len(by_name) == 2
            and by_name[True].id == id_of_name(name)
            and adopter_of(by_name[True].id) is None
        ):
            found += _pair(named=by_name[True], numbered=by_name[False])
    return found


def _pair(*, named: Repository, numbered: Repository) -> list[Record]:
    name = named.id.partition(":")[2]  # not as it is spelled somewhere: the records must not depend on that
    return [
        RepositoryAdopted(
            cause="import",
            at=_ALWAYS,
            repository=Repository(id=numbered.id, name=name, default_branch="main"),
            adopted=named.id,
            asked_by=named.id,
        ),
        RepositoryRemoved(
            cause="import",
            at=_ALWAYS,
            repository=Repository(id=named.id, name=name, default_branch="main"),
            adopter=numbered.id,
            asked_by=numbered.id,
        ),
    ]
