"""Unified diffs as git, GitHub's API and other tools write them, read tolerantly.

Formats: https://git-scm.com/docs/diff-format and the `patch` of GitHub's compare API, which is hunks without
any header and may be cut. A cut or wrong hunk gives what is there and says so; nothing is guessed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from extractor.quoted_path import halves, header_path

Status = Literal["added", "modified", "removed", "renamed", "copied"]

_HUNK = re.compile(rb"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_NEW_FILE = (b"diff --git ", b"diff --cc ", b"diff --combined ", b"Index: ")
_NO_FILE = b"/dev/null"


@dataclass(frozen=True)
class Hunks:
    """The lines that a patch of one file adds and removes."""

    added: tuple[range, ...] = ()
    """1-based ranges at `after`."""
    removed: int = 0
    """How many lines were taken out."""
    is_cut: bool = False
    """Whether a hunk says that there is more than the patch shows."""


@dataclass(frozen=True)
class FileDiff:
    """What a diff tells of one file."""

    path: str
    """At `after`; where it was removed, the path that it had."""
    status: Status
    old_path: str | None = None
    """What it was called before, where it was renamed or copied."""
    old_mode: int | None = None
    new_mode: int | None = None
    is_binary: bool = False
    hunks: Hunks = Hunks()


def parse_unified_diff(diff: bytes) -> Iterator[FileDiff]:
    """The files in `diff`, in its order; text before, between and after them is passed over."""
    lines = diff.split(b"\n")
    at = 0
    while at < len(lines):
        if lines[at].startswith(_NEW_FILE) or _starts_plain_file(lines, at):
            file, at = _file(lines, at)
            if file:
                yield file
        else:
            at += 1


def parse_patch(patch: bytes) -> Hunks:
    """What hunks without a file header tell, as GitHub's API gives them."""
    hunks, _ = _hunks(patch.split(b"\n"), 0)
    return hunks


@dataclass
class _Header:
    """What the lines between `diff --git` and the first hunk say."""

    old: str | None = None
    new: str | None = None
    status: Status = "modified"
    modes: dict[str, int] = field(default_factory=dict)
    is_binary: bool = False

    def take(self, line: bytes) -> None:
        """Note what `line` says; what is not known says nothing."""
        for start, note in _NOTES:
            if line.startswith(start):
                note(self, line.removeprefix(start).removesuffix(b"\r"))
                return

    def file(self, hunks: Hunks) -> FileDiff | None:
        """The file, or None where nothing names it."""
        path = self.old if self.status == "removed" else self.new or self.old
        if path is None:
            return None
        moved = self.status in ("renamed", "copied")
        return FileDiff(
            path=path,
            status=self.status,
            old_path=self.old if moved else None,
            old_mode=self.modes.get("old"),
            new_mode=self.modes.get("new"),
            is_binary=self.is_binary,
            hunks=hunks,
        )


def _note_git(header: _Header, rest: bytes) -> None:
    header.old, header.new = halves(rest)


def _note_old(header: _Header, rest: bytes) -> None:
    if rest.startswith(_NO_FILE):
        header.status = "added"
    else:
        header.old = header_path(rest)


def _note_new(header: _Header, rest: bytes) -> None:
    if rest.startswith(_NO_FILE):
        header.status = "removed"
    else:
        header.new = header_path(rest)


def _note_moved(header: _Header, rest: bytes, *, status: Status, is_old: bool) -> None:
    header.status = status
    path = header_path(rest, has_prefix=False)
    if is_old:
        header.old = path
    else:
        header.new = path


def _note_mode(header: _Header, rest: bytes, *, side: str, status: Status | None = None) -> None:
    header.status = status or header.status
    if re.fullmatch(rb"[0-7]{6}", rest):
        header.modes[side] = int(rest, 8)


def _note_binary(header: _Header, rest: bytes) -> None:
    header.is_binary = True


_NOTES = (
    (b"diff --git ", _note_git),
    (b"--- ", _note_old),
    (b"+++ ", _note_new),
    (b"rename from ", lambda header, rest: _note_moved(header, rest, status="renamed", is_old=True)),
    (b"rename to ", lambda header, rest: _note_moved(header, rest, status="renamed", is_old=False)),
    (b"copy from ", lambda header, rest: _note_moved(header, rest, status="copied", is_old=True)),
    (b"copy to ", lambda header, rest: _note_moved(header, rest, status="copied", is_old=False)),
    (b"old mode ", lambda header, rest: _note_mode(header, rest, side="old")),
    (b"new mode ", lambda header, rest: _note_mode(header, rest, side="new")),
    (b"new file mode ", lambda header, rest: _note_mode(header, rest, side="new", status="added")),
    (b"deleted file mode ", lambda header, rest: _note_mode(header, rest, side="old", status="removed")),
    (b"Binary files ", _note_binary),
    (b"GIT binary patch", _note_binary),
)


def _file(lines: Sequence[bytes], at: int) -> tuple[FileDiff | None, int]:
    """The file whose header starts at line `at`, and the line after it."""
    header = _Header()
    header.take(lines[at])
    at += 1
    while at < len(lines) and not _ends_header(lines, at, header):
        header.take(lines[at])
        at += 1
    hunks, at = _hunks(lines, at)
    return header.file(hunks), at


def _ends_header(lines: Sequence[bytes], at: int, header: _Header) -> bool:
    line = lines[at]
    if line.startswith((b"@@ -", *_NEW_FILE)):
        return True
    return header.is_binary and not line.strip()


def _hunks(lines: Sequence[bytes], at: int) -> tuple[Hunks, int]:
    """The hunks that follow each other from line `at` on, and the line after them."""
    found: list[Hunks] = []
    while at < len(lines) and (match := _HUNK.match(lines[at])):
        one, at = _hunk(lines, at + 1, match)
        found.append(one)
    return Hunks(
        added=tuple(chain.from_iterable(one.added for one in found)),
        removed=sum(one.removed for one in found),
        is_cut=any(one.is_cut for one in found),
    ), at


def _hunk(lines: Sequence[bytes], at: int, match: re.Match[bytes]) -> tuple[Hunks, int]:
    old_left, new_left = (int(match[group] or 1) if match[group] != b"0" else 0 for group in (2, 4))
    number, removed = int(match[3]), 0
    added: list[range] = []
    while (
        at < len(lines) and (old_left > 0 or new_left > 0) and not _ends_hunk(lines, at, old_left + new_left)
    ):
        kind = lines[at][:1]
        if kind == b"+":
            added = _with_line(added, number)
        removed += kind == b"-"
        number += kind in _IN_NEW
        old_left -= kind in _IN_OLD
        new_left -= kind in _IN_NEW
        at += 1
    while at < len(lines) and lines[at].startswith(b"\\"):
        at += 1
    return Hunks(tuple(added), removed, is_cut=old_left > 0 or new_left > 0), at


# a context line that is empty may have lost its space on the way
_IN_NEW = (b"+", b" ", b"", b"\r")
_IN_OLD = (b"-", b" ", b"", b"\r")


def _ends_hunk(lines: Sequence[bytes], at: int, left: int) -> bool:
    """Whether line `at` cannot belong to a hunk that waits for `left` more lines."""
    line = lines[at]
    if line[:1] not in (b"+", b"-", b" ", b"\\", b"", b"\r"):
        return True
    if not line and at == len(lines) - 1:
        return True  # what stands behind the last line feed is no line
    return left > 2 and _starts_plain_file(lines, at)


def _starts_plain_file(lines: Sequence[bytes], at: int) -> bool:
    """Whether `---`, `+++` and a hunk follow each other: inside a hunk nothing can begin with `@@`."""
    following = lines[at : at + 3]
    return len(following) == 3 and all(
        line.startswith(start) for line, start in zip(following, (b"--- ", b"+++ ", b"@@ -"), strict=True)
    )


def _with_line(ranges: list[range], number: int) -> list[range]:
    if ranges and ranges[-1].stop == number:
        ranges[-1] = range(ranges[-1].start, number + 1)
    else:
        ranges.append(range(number, number + 1))
    return ranges
