"""Which lines are new in a text, where nobody tells it: git is asked, as for every other change."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from devnexus.git import run_git
from extractor.unified_diff import parse_unified_diff

_DIFF = ("diff", "-U0", "--no-renames", "--no-color", "--no-ext-diff", "--no-textconv", "old", "new")


def added_lines(texts: Sequence[tuple[bytes, bytes]]) -> list[tuple[range, ...]]:
    """For each old and new text the 1-based ranges of those lines of the new one that the old one lacks."""
    old, new = ([pair[side] for pair in texts] for side in (0, 1))
    stream = b"".join([*_commit(b"old", old), *_commit(b"new", new)])
    with tempfile.TemporaryDirectory(prefix="devnexus-diff-", ignore_cleanup_errors=True) as folder:
        run_git(Path(folder), "init", "--quiet", "--bare")
        run_git(Path(folder), "fast-import", "--quiet", stdin=stream)
        files = {file.path: file.hunks.added for file in parse_unified_diff(run_git(Path(folder), *_DIFF))}
    return [files.get(str(number), ()) for number in range(len(texts))]


def _commit(branch: bytes, texts: Iterable[bytes]) -> Iterator[bytes]:
    """A commit of the texts under their numbers, as `git fast-import` reads it."""
    yield b"commit refs/heads/%b\ncommitter x <x> 0 +0000\ndata 0\n" % branch
    for number, text in enumerate(texts):
        yield b"M 100644 inline %d\ndata %d\n%b\n" % (number, len(text), text)
