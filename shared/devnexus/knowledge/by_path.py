"""What the files of one repository say of one subject, path by path."""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from devnexus.events.patterns_extracted import FileReading, PatternsExtracted

T = TypeVar("T")


class ByPath(Generic[T]):
    """`take` each analysis once, in order: a file that was read says only what it says now."""

    def __init__(self, said: Callable[[FileReading], tuple[T, ...]]) -> None:
        self._said = said
        self._by_path: dict[str, tuple[T, ...]] = {}

    @property
    def now(self) -> Mapping[str, tuple[T, ...]]:
        """Path → what is said there; without the paths that say nothing."""
        return self._by_path

    def take(self, record: PatternsExtracted) -> None:
        """Let what `record` read take the place of what was known of its paths, of all paths for a tree."""
        if record.coverage == "tree":
            self._by_path.clear()
        for file in record.files:
            self._by_path.pop(file.path, None)
        for file in record.files:
            said = self._said(file)
            if said and file.status != "removed":
                self._by_path[file.path] = said
