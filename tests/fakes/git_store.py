"""Stands for `devnexus.knowledge.git_store`: the same promises, in memory."""

from collections.abc import Collection, Mapping

from devnexus.knowledge.store import Conflict


class MemoryStore:
    def __init__(self) -> None:
        self._revisions: list[dict[str, bytes]] = [{}]
        self._announced = 0

    def head(self) -> str:
        return str(len(self._revisions) - 1)

    def read(self, paths: Collection[str], *, at: str) -> dict[str, bytes]:
        return {
            path: content
            for path, content in self._revisions[int(at)].items()
            if any(path == wanted or (wanted.endswith("/") and path.startswith(wanted)) for wanted in paths)
        }

    def changed(self, old: str, new: str) -> tuple[str, ...]:
        before, after = self._revisions[int(old)], self._revisions[int(new)]
        return tuple(sorted(p for p in {*before, *after} if before.get(p) != after.get(p)))

    def parent(self, revision: str) -> str | None:
        return str(int(revision) - 1) if int(revision) else None

    def commit(self, changes: Mapping[str, bytes | None], *, message: str, expected_head: str) -> str:
        if expected_head != self.head():
            raise Conflict(expected_head)
        tree = {**self._revisions[-1], **changes}
        self._revisions.append({path: content for path, content in tree.items() if content is not None})
        return self.head()

    def unannounced(self) -> tuple[str, ...]:
        return tuple(str(number) for number in range(self._announced + 1, len(self._revisions)))

    def mark_announced(self, revision: str) -> None:
        self._announced = int(revision)
