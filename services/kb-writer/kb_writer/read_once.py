"""One revision of the store, of which nothing is read twice."""

from collections.abc import Collection, Iterator

from devnexus.knowledge.store import Revision, Store


class ReadOnce:
    """Answers reads at one revision from what was read there before; for as long as one batch takes."""

    def __init__(self, store: Store, at: str) -> None:
        self._store = store
        self._at = at
        self._answers: dict[str, dict[str, bytes]] = {}
        """Path, or folder with its slash → what stands there."""

    def read(self, paths: Collection[str], *, at: str) -> dict[str, bytes]:
        """As promised by Store."""
        if at != self._at:
            return self._store.read(paths, at=at)
        unknown = [path for path in paths if path not in self._answers]
        if unknown:
            found = self._store.read(unknown, at=at)
            self._answers.update({path: {} for path in unknown})
            for path, content in found.items():
                for asked in _asked(path):
                    if asked in self._answers:
                        self._answers[asked][path] = content
        return {path: content for asked in paths for path, content in self._answers[asked].items()}

    def log(self, at: str, *, path: str | None = None) -> Iterator[Revision]:
        """As promised by Store."""
        return self._store.log(at, path=path)


def _asked(path: str) -> Iterator[str]:
    """`path` and the folders that hold it."""
    yield path
    while "/" in path:
        path = path.rpartition("/")[0]
        yield f"{path}/"
