"""History files: one record a line, in a fixed order, so that equal sets of records are equal bytes."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime

from devnexus.errors import Rejected
from devnexus.events import RECORD_TYPES, Record, RepositoryAdopted
from devnexus.knowledge.layout import HISTORY, history_folder
from devnexus.knowledge.store import Damaged, Files, Store
from devnexus.repository import RepositoryId
from devnexus.values import canonical_json, load_json


def read_records(content: bytes, *, path: str) -> list[Record]:
    """The records in a history file, in the file's order; raise Damaged naming path and line otherwise."""
    return [
        _read_line(line, f"{path}:{number}")
        for number, line in enumerate(content.split(b"\n"), start=1)
        if line
    ]


def with_records(content: bytes, new: Iterable[Record], *, path: str, without: Collection[str] = ()) -> bytes:
    """The history file `content` with `new` in it and `without` these ids, in the file's order.

    Raises Damaged where it is damaged. Lines that stay, stay byte for byte: a later version may have said
    more in them than we can read.
    """
    raw = [line for line in content.split(b"\n") if line]
    known = read_records(content, path=path)
    lines: dict[str, bytes] = {}
    kept: dict[str, Record] = {}
    for record, line in zip(known, raw, strict=True):
        if record.id not in kept or prevails(record, kept[record.id]):  # people may have merged two copies
            kept[record.id], lines[record.id] = record, line
    for record in new:
        if record.id not in kept or prevails(record, kept[record.id]):
            kept[record.id], lines[record.id] = record, record_line(record)
    staying = (record for record in kept.values() if record.id not in without)
    in_order = sorted(staying, key=_position)
    return b"".join(lines[record.id] + b"\n" for record in in_order)


def record_line(record: Record) -> bytes:
    """The canonical bytes of a record, without a line end."""
    return canonical_json({"type": record.TYPE, "data": record.payload()})


def appended(content: bytes, new: Iterable[Record], *, path: str) -> bytes | None:
    """The history file `content` with `new` behind it; None where that is not their place.

    Much quicker than `with_records`, since only the last line is read. None of `new` may stand there.
    """
    coming = sorted(new, key=_position)
    last = read_records(content[content[:-1].rfind(b"\n") + 1 :], path=path)
    if not content.endswith(b"\n") or not last or not coming or _position(coming[0]) < _position(last[0]):
        return None
    return content + b"".join(record_line(record) + b"\n" for record in coming)


def line_digest(record: Record) -> bytes:
    """The SHA-256 of the record's canonical line."""
    return hashlib.sha256(record_line(record)).digest()


def prevails(record: Record, rival: Record) -> bool:
    """Whether of two differing copies of one record this is the one that stands: the smaller digest does."""
    return line_digest(record) < line_digest(rival)


def merge(known: Iterable[Record], new: Iterable[Record]) -> list[Record]:
    """The union of two sets of records: each stands once, however often and in whatever order it came."""
    union: dict[str, Record] = {}
    for record in (*known, *new):
        rival = union.setdefault(record.id, record)
        if rival is not record and prevails(record, rival):
            union[record.id] = record
    return list(union.values())


def load_history(store: Files, repository: RepositoryId, *, at: str) -> list[Record]:
    """All records of a repository at revision `at`, those of what it adopted included."""
    return load_histories(store, [repository], at=at)[repository]


def load_histories(
    store: Files, repositories: Collection[RepositoryId], *, at: str
) -> dict[RepositoryId, list[Record]]:
    """What `load_history` gives for each of `repositories`, in at most two reads."""
    own = _records_by_folder(store, repositories, at)
    adopted = {id_: adopted_by(records) for id_, records in own.items()}
    others = _records_by_folder(store, sorted({one for ids in adopted.values() for one in ids}), at)
    return {
        id_: [*records, *(record for one in adopted[id_] for record in others[one])]
        for id_, records in own.items()
    }


def adopted_by(records: Iterable[Record]) -> tuple[RepositoryId, ...]:
    """The repositories known by name alone that these records say belong to theirs."""
    return tuple(sorted({record.adopted for record in records if isinstance(record, RepositoryAdopted)}))


def stored_records(store: Files, folder: str, *, at: str) -> list[Record]:
    """All records below `folder` (which ends in a slash) at revision `at`."""
    files = store.read([folder], at=at)
    return [record for path, content in sorted(files.items()) for record in read_records(content, path=path)]


def _records_by_folder(
    store: Files, repositories: Collection[RepositoryId], at: str
) -> dict[RepositoryId, list[Record]]:
    folders = {history_folder(id_): id_ for id_ in repositories}
    found: dict[RepositoryId, list[Record]] = {id_: [] for id_ in repositories}
    for path, content in sorted(store.read(folders, at=at).items()):
        repository = folders.get(path[: path.rindex("/") + 1])
        if repository is None:
            raise Damaged(f"{path}: no place for records; the files of a repository stand in its own folder")
        found[repository] += read_records(content, path=path)
    return found


def records_between(
    store: Store, old: str, new: str, *, of: Collection[RepositoryId] | None = None
) -> list[Record]:
    """The records that revision `new` holds and `old` does not; `of` these repositories, where given."""
    folders = (HISTORY,) if of is None else tuple(map(history_folder, of))
    paths = [path for path in store.changed(old, new) if path.startswith(folders)]
    before, after = store.read(paths, at=old), store.read(paths, at=new)
    added: list[Record] = []
    for path, content in sorted(after.items()):
        known = set(before.get(path, b"").split(b"\n"))
        lines = [line for line in content.split(b"\n") if line not in known]
        added.extend(read_records(b"\n".join(lines), path=path))
    return added


def _read_line(line: bytes, place: str) -> Record:
    try:
        stored = load_json(line)
        kind = RECORD_TYPES.get(str(stored.get("type"))) if isinstance(stored, dict) else None
        if kind is None:
            raise Damaged(f"{place}: not a record of a known type")
        return kind.parse(stored.get("data"))
    except (ValueError, TypeError, Rejected) as error:
        raise Damaged(f"{place}: {error}") from error


def _position(record: Record) -> tuple[datetime, str]:
    return record.at, record.id
