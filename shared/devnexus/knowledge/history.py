"""History files: one record a line, in a fixed order, so that equal sets of records are equal bytes."""

from collections.abc import Iterable

from devnexus.errors import Rejected
from devnexus.events.patterns_extracted import PatternsExtracted
from devnexus.knowledge.layout import HISTORY
from devnexus.knowledge.store import Store
from devnexus.values import canonical_json, load_json

Record = PatternsExtracted
"""What history consists of, so far."""


class Damaged(Exception):
    """A history file holds something that is not a record; nothing may be written on top of it."""


def read_records(content: bytes, *, path: str) -> list[Record]:
    """The records in a history file, in the file's order; raise Damaged naming path and line otherwise."""
    return [
        _read_line(line, f"{path}:{number}")
        for number, line in enumerate(content.split(b"\n"), start=1)
        if line
    ]


def with_records(content: bytes, new: Iterable[Record], *, path: str) -> bytes:
    """The history file `content` with `new` in it, in the file's order; Damaged where it is damaged.

    Lines that are there stay byte for byte: a later version may have said more in them than we can read.
    The same analysis of the same push stands once; should two differ, the smaller bytes stand.
    """
    lines: dict[str, tuple[Record, bytes]] = {}
    raw = [line for line in content.split(b"\n") if line]
    for record, line in (
        *zip(read_records(content, path=path), raw, strict=True),
        *((record, record_line(record)) for record in new),
    ):
        known, known_line = lines.get(record.id, (None, line))
        if known is None or (record != known and line < known_line):
            lines[record.id] = (record, line)
    in_order = sorted(lines.values(), key=lambda pair: (_sort_key(pair[0]), pair[1]))
    return b"".join(line + b"\n" for _, line in in_order)


def record_line(record: Record) -> bytes:
    """The canonical bytes of a record, without a line end."""
    return canonical_json({"type": record.TYPE, "data": record.payload()})


def merge(known: Iterable[Record], new: Iterable[Record]) -> list[Record]:
    """The union of two sets of records.

    The same analysis of the same push stands once, however often it came. Should two copies differ,
    the one with the smaller bytes stands, whichever came first.
    """
    union: dict[str, Record] = {}
    for record in (*known, *new):
        rival = union.setdefault(record.id, record)
        if rival is not record and record_line(record) < record_line(rival):
            union[record.id] = record
    return list(union.values())


def stored_records(store: Store, folder: str, *, at: str) -> list[Record]:
    """All records below `folder` (which ends in a slash) at revision `at`."""
    files = store.read([folder], at=at)
    return [record for path, content in sorted(files.items()) for record in read_records(content, path=path)]


def records_between(store: Store, old: str, new: str) -> list[Record]:
    """The records that revision `new` holds and `old` does not."""
    paths = [path for path in store.changed(old, new) if path.startswith(HISTORY)]
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
        if not isinstance(stored, dict) or stored.get("type") != Record.TYPE:
            raise Damaged(f"{place}: not a record of a known type")
        return Record.parse(stored.get("data"))
    except (ValueError, Rejected) as error:
        raise Damaged(f"{place}: {error}") from error


def _sort_key(record: Record) -> tuple[str, str]:
    return record.at.isoformat(), record.id
