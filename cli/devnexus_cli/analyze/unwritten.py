"""What would be known if something were written: a Store on top of another, to which nothing is written."""

import hashlib
import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from devnexus.knowledge.store import NO_LIMITS, CommitLimits, Conflict, Revision, Store


@dataclass(frozen=True)
class _Pending:
    """A revision that only we know."""

    revision: Revision
    changes: Mapping[str, bytes | None]
    """What it changes, together with those before it that only we know."""


class Unwritten:
    """A Store that keeps what is committed to it in memory; below it lies `store` at its head of now."""

    limits: CommitLimits = NO_LIMITS

    def __init__(self, store: Store) -> None:
        self._store = store
        self._base = store.head()
        self._lock = threading.Lock()
        self._pending: dict[str, _Pending] = {}

    def head(self) -> str:
        """As promised by Store."""
        return next(reversed(self._pending), self._base)

    def read(self, paths: Collection[str], *, at: str) -> dict[str, bytes]:
        """As promised by Store."""
        pending = self._pending.get(at)
        if pending is None:
            return self._store.read(paths, at=at)
        found = self._store.read(paths, at=self._base)
        folders = tuple(path for path in paths if path.endswith("/"))
        asked = set(paths)
        for path, content in pending.changes.items():
            if path in asked or path.startswith(folders):
                found.pop(path, None)
                if content is not None:
                    found[path] = content
        return found

    def log(self, at: str, *, path: str | None = None) -> Iterator[Revision]:
        """As promised by Store."""
        while pending := self._pending.get(at):
            below = pending.revision.parent or self._base
            if path is None or self.read([path], at=at) != self.read([path], at=below):
                yield pending.revision
            at = below
        yield from self._store.log(at, path=path)

    def changed(self, old: str, new: str) -> tuple[str, ...]:
        """As promised by Store."""
        below = [self._base if revision in self._pending else revision for revision in (old, new)]
        paths = set(self._store.changed(*below)) if below[0] != below[1] else set()
        for revision in {old, new} & self._pending.keys():
            paths |= self._pending[revision].changes.keys()
        before, after = self.read(paths, at=old), self.read(paths, at=new)
        return tuple(sorted(path for path in paths if before.get(path) != after.get(path)))

    def commit(self, changes: Mapping[str, bytes | None], *, message: str, expected_head: str) -> str:
        """As promised by Store."""
        with self._lock:
            if expected_head != self.head():
                raise Conflict(f"the head is no longer {expected_head}")
            id_ = hashlib.sha256(f"{expected_head} {message}".encode()).hexdigest()[: len(self._base)]
            known = self._pending.get(expected_head)
            self._pending[id_] = _Pending(
                Revision(id_, expected_head, datetime.now(UTC), message),
                {**(known.changes if known else {}), **changes},
            )
            return id_

    def pause_seconds(self) -> float:
        """As promised by Store."""
        return 0.0

    def usage(self) -> dict[str, int]:
        """As promised by Store."""
        return self._store.usage()

    def close(self) -> None:
        """As promised by Store."""
        self._store.close()
