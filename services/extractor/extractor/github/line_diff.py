"""Which lines are new in a text, where nobody tells it: git is asked, as for every other change."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devnexus.git import run_git
from extractor.unified_diff import parse_unified_diff


class LineDiff:
    """Compares contents in a git repository of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def added(self, old: bytes, new: bytes) -> tuple[range, ...]:
        """1-based ranges of the lines of `new` that are not in `old`."""
        ids = [
            run_git(self._folder, "hash-object", "-w", "--stdin", stdin=content).decode().strip()
            for content in (old, new)
        ]
        patch = run_git(self._folder, "diff", "-U0", "--no-color", "--no-ext-diff", "--no-textconv", *ids)
        return tuple(lines for file in parse_unified_diff(patch) for lines in file.hunks.added)


@contextmanager
def line_diff() -> Iterator[LineDiff]:
    """A LineDiff for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="devnexus-diff-", ignore_cleanup_errors=True) as folder:
        run_git(Path(folder), "init", "--quiet", "--bare")
        yield LineDiff(Path(folder))
