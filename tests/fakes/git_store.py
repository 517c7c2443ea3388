"""Stands for `devnexus.knowledge.stores.git_store`: the same promises, in memory."""

import threading
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime

from devnexus.errors import Unavailable
from devnexus.knowledge.store import NO_LIMITS, CommitLimits, Conflict, Revision


class MemoryStore:
    limits: CommitLimits = NO_LIMITS

    def __init__(self) -> None:
        self._trees: list[dict[str, bytes]] = [{}]
        self._log = [Revision(_id(0), None, datetime.now(UTC), "Create the knowledge base")]
        self._lock = threading.Lock()
        self.pause = 0.0

    def head(self) -> str:
        return self._log[-1].id

    def read(self, paths: Collection[str], *, at: str) -> dict[str, bytes]:
        return {
            path: content
            for path, content in self._tree(at).items()
            if any(path == wanted or (wanted.endswith("/") and path.startswith(wanted)) for wanted in paths)
        }

    def changed(self, old: str, new: str) -> tuple[str, ...]:
        before, after = self._tree(old), self._tree(new)
        return tuple(sorted(p for p in {*before, *after} if before.get(p) != after.get(p)))

    def log(self, at: str, *, path: str | None = None) -> Iterator[Revision]:
        self._tree(at)
        for revision in self._log[int(at, 16) :: -1]:
            before = self._tree(revision.parent) if revision.parent else {}
            if path is None or before.get(path) != self._tree(revision.id).get(path):
                yield revision

    def commit(self, changes: Mapping[str, bytes | None], *, message: str, expected_head: str) -> str:
        with self._lock:
            if expected_head != self.head():
                raise Conflict(expected_head)
            tree = {**self._trees[-1], **changes}
            self._trees.append({path: content for path, content in tree.items() if content is not None})
            revision = Revision(_id(len(self._log)), expected_head, datetime.now(UTC), message)
            self._log.append(revision)
            return revision.id

    def pause_seconds(self) -> float:
        return self.pause

    def usage(self) -> dict[str, int]:
        return {}

    def close(self) -> None:
        """There is nothing to give back."""

    def _tree(self, revision: str) -> dict[str, bytes]:
        if all(revision != one.id for one in self._log):
            raise Unavailable(f"there is no revision {revision}")
        return self._trees[int(revision, 16)]


def _id(number: int) -> str:
    return f"{number:040x}"
