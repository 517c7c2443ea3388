"""What must go for a repository to be forgotten, and what stays in git all the same."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from devnexus.errors import Unavailable
from devnexus.knowledge.commit_message import commit_message
from devnexus.knowledge.history import adopted_by, load_history
from devnexus.knowledge.last_good import last_good
from devnexus.knowledge.layout import METADATA_PATH, PROJECTIONS, history_folder, projection_path
from devnexus.knowledge.organisation_files import COMPONENTS, CONSOLIDATION, json_object
from devnexus.knowledge.projection import read_projection
from devnexus.knowledge.store import Conflict, Revision, Store
from devnexus.people.corrections import CORRECTIONS
from devnexus.people.organisation import ORGANISATION_PATH
from devnexus.people.vocabulary import VOCABULARY_PATH
from devnexus.repository import RepositoryId, id_of_name, is_known_by_name
from devnexus.timestamps import write
from devnexus.values import canonical_json, canonical_page
from devnexus_cli.kb.look_up import Found
from kb_writer.pages import place_pages

_CONFLICTS_ENDURED = 20

_Changes = dict[str, bytes | None]


@dataclass(frozen=True)
class Target:
    """A repository that is to be forgotten."""

    name: str
    """Today's."""
    names: frozenset[str]
    """All that it ever had, today's included."""
    ids: tuple[RepositoryId, ...]
    """Its own, then those known by name alone: what it adopted, and what an import would call it."""
    paths: tuple[str, ...]
    """The files that are about it alone."""
    shared: tuple[str, ...]
    """Files that it stands in beside others, and is taken out of."""


@dataclass(frozen=True)
class Done:
    """What forgetting changed."""

    revision: str
    deleted: int = 0
    """Files that are gone."""
    rewritten: int = 0
    """Files of others that no longer tell of it; metadata.json does not count."""


@dataclass(frozen=True)
class Remains:
    """What is left once a repository was forgotten."""

    revisions: tuple[Revision, ...]
    """The commits that hold something of it, oldest first."""
    paths: tuple[str, ...]
    """The files that they hold of it, also those of former names."""
    named_in: tuple[str, ...]
    """Files of others, in the newest revision, that name it."""


def find_target(store: Store, found: Found, *, at: str) -> Target:
    """All of the repository that must go at revision `at`."""
    records = load_history(store, found.id, at=at)
    ids = (found.id, *adopted_by(records))
    names = {record.repository.name for record in records}
    names |= {found.page.repository_name, *found.page.former_names}
    names = {name for name in names if not _is_of_another(name, ids, store, at)}
    by_name = {id_of_name(name) for name in names} - set(ids)  # what an old file would bring it back as
    known = {path.rpartition("/")[0] for path in store.read([*map(history_folder, by_name)], at=at)}
    ids = (*ids, *sorted(id_ for id_ in by_name if history_folder(id_).rstrip("/") not in known))
    contents = store.read([*(history_folder(id_) for id_ in ids), PROJECTIONS, CORRECTIONS], at=at)
    shared = store.read([COMPONENTS, CONSOLIDATION], at=at)
    return Target(
        name=found.page.repository_name,
        names=frozenset(names),
        ids=ids,
        paths=tuple(
            sorted(path for path, content in contents.items() if _is_its_own(path, content, ids, names))
        ),
        shared=tuple(path for path, content in sorted(shared.items()) if _names_one(content, names)),
    )


def forget(store: Store, target: Target, *, at: datetime) -> Done:
    """Delete it and note its ids and the moment, in as few commits as the store takes.

    Raises Unavailable where the base keeps moving. Once begun, doing it again goes on with it.
    """
    done = Done(store.head())
    for _ in range(_CONFLICTS_ENDURED):
        head = store.head()
        changes = _changes(store, target, at, head)
        if not changes:
            return done
        part = dict(islice(changes.items(), store.limits.files))
        # No names in git's log where there is a number.
        ids = [id_ for id_ in target.ids if not is_known_by_name(id_)] or [target.ids[0]]
        message = commit_message(f"Forget {target.ids[0]}", ids, on=head)
        try:
            revision = store.commit(part, message=message, expected_head=head)
        except Conflict:
            continue
        deleted = sum(content is None for content in part.values())
        rewritten = len(part.keys() - {METADATA_PATH}) - deleted
        done = Done(revision, done.deleted + deleted, done.rewritten + rewritten)
    raise Unavailable("the knowledge base kept moving: run the same command again, it goes on where it was")


def remains(store: Store, target: Target, *, at: str) -> Remains:
    """What git still holds below revision `at`, whose files are without it."""
    paths = sorted({*target.paths, *map(projection_path, target.names)})
    found: dict[str, Revision] = {}
    for path in (*paths, *target.shared):
        found.update((revision.id, revision) for revision in store.log(at, path=path) if revision.id != at)
    revisions = sorted(found.values(), key=lambda revision: revision.at)
    others = store.read([PROJECTIONS, CORRECTIONS, ORGANISATION_PATH, VOCABULARY_PATH], at=at)
    named_in = [path for path, content in sorted(others.items()) if _names_one(content, target.names)]
    return Remains(tuple(revisions), tuple(paths), tuple(named_in))


def _is_of_another(name: str, ids: Collection[str], store: Store, at: str) -> bool:
    """Whether the name, a former one, belongs to another repository today, with all that goes by it."""
    page = last_good(store, projection_path(name), read_projection, at=at).value
    return page is not None and not page.removed and page.repository_id not in ids


def _names_one(content: bytes, names: Iterable[str]) -> bool:
    return any(name.lower().encode() in content.lower() for name in names)


def _is_its_own(path: str, content: bytes, ids: Collection[str], names: Collection[str]) -> bool:
    if path.startswith(PROJECTIONS):
        # Not parsed: a damaged page must not keep anybody from being forgotten.
        return any(f'"repository_id": {canonical_json(id_).decode()}'.encode() in content for id_ in ids)
    if path.startswith(CORRECTIONS):
        return path.removeprefix(CORRECTIONS).rpartition(".")[0].lower() in _lower(names)
    return True


def _changes(store: Store, target: Target, at: datetime, head: str) -> _Changes:
    """What differs from how it must be; metadata.json first: after that no older record is written."""
    wanted = [METADATA_PATH, COMPONENTS, CONSOLIDATION, *(history_folder(id_) for id_ in target.ids)]
    stored = store.read([*wanted, *target.paths], at=head)
    changes: _Changes = {METADATA_PATH: _metadata(stored.get(METADATA_PATH, b"{}"), target.ids, at)}
    changes.update(place_pages((), hidden=target.ids, left=[target.name], files=store, at=head))
    for path, content in sorted(stored.items()):
        if path.startswith(COMPONENTS):
            changes[path] = _without_components(content, path, target.names)
        elif path.startswith(CONSOLIDATION):
            changes[path] = _without_advice(content, path, target.names)
        elif path != METADATA_PATH:
            changes.setdefault(path, None)
    current = {**store.read(list(changes), at=head), **stored}
    return {path: content for path, content in changes.items() if current.get(path) != content}


def _metadata(content: bytes, ids: Collection[RepositoryId], at: datetime) -> bytes:
    page = json_object(content, METADATA_PATH)
    latest = {str(entry["repository_id"]): str(entry["forgotten_at"]) for entry in page.get("forgotten", [])}
    latest.update(dict.fromkeys(ids, write(at)))
    forgotten = [{"repository_id": id_, "forgotten_at": latest[id_]} for id_ in sorted(latest)]
    return canonical_page({**page, "forgotten": forgotten})


def _without_components(content: bytes, path: str, names: Collection[str]) -> bytes | None:
    """The page of v2's component index without components that came from it, and without it as a place."""
    page = json_object(content, path)
    kept: dict[str, Any] = {}
    for key, component in page.items():
        if _is_named(component.get("origin_repository"), names):
            continue
        locations = [
            one for one in component.get("locations", []) if not _is_named(one.get("repository"), names)
        ]
        canonical = component.get("canonical_repository")
        changed = {"locations": locations} if "locations" in component else {}
        if _is_named(canonical, names):
            changed["canonical_repository"] = None  # type: ignore[assignment]
        kept[key] = {**component, **changed}
    if kept == page:
        return content
    return canonical_page(kept) if kept else None


def _without_advice(content: bytes, path: str, names: Collection[str]) -> bytes | None:
    """The lines of v2's consolidation history that do not name it."""
    kept: list[bytes] = []
    for number, line in enumerate(filter(None, content.split(b"\n")), start=1):
        advice: Mapping[str, Any] = json_object(line, f"{path}:{number}").get("recommendation", {})
        if not any(_is_named(advice.get(side), names) for side in ("from_repository", "to_repository")):
            kept.append(line + b"\n")
    return b"".join(kept) or None


def _is_named(value: object, names: Collection[str]) -> bool:
    return isinstance(value, str) and value.lower() in _lower(names)


def _lower(names: Iterable[str]) -> set[str]:
    return {name.lower() for name in names}
