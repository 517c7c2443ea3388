"""What git's plumbing prints, parsed: git-diff-tree(1), git-ls-tree(1), tree objects."""

import re
from collections.abc import Iterator
from typing import Literal

from extractor.change import FILE_TYPE, REGULAR_FILE, ChangedFile

_HUNK = re.compile(rb"^(?:(diff --git )|@@ -[0-9,]+ \+([0-9]+)(?:,([0-9]+))? @@)", re.MULTILINE)
_STATUS: dict[str, Literal["added", "modified", "removed"]] = {"A": "added", "D": "removed"}


def parse_diff(output: bytes) -> Iterator[ChangedFile]:
    """The files in the output of `git diff-tree -r -z --raw -p -U0 -M --no-abbrev`, in its order.

    A rename is a removed file and an added one, whose added lines are only those that really are new.
    """
    raw, patch = _split(output)
    sections = _added_ranges(patch)
    fields = iter(raw)
    for meta in fields:
        _, mode, before_id, object_id, status = meta.decode("ascii").lstrip(":").split(" ")
        path = _text(next(fields))
        replaced = None if status[0] in "AC" else before_id
        moved_from = None
        if status[0] in "RC":
            if status[0] == "R":
                yield ChangedFile(path, "removed", "0" * len(object_id), 0)
                moved_from = path
            path, status = _text(next(fields)), "A"
        added = next(sections)
        if status[0] == "T":  # git shows a change of type as a deletion and a creation
            added = next(sections)
        told = _STATUS.get(status[0], "modified")
        yield ChangedFile(path, told, object_id, int(mode, 8), added, replaced, moved_from)


def parse_tree(listing: bytes) -> Iterator[ChangedFile]:
    """The files in the output of `git ls-tree -r -z`."""
    for entry in listing.split(b"\0"):
        if entry:
            meta, path = entry.split(b"\t", 1)
            mode, _, object_id = meta.decode("ascii").split(" ")
            yield ChangedFile(_text(path), "added", object_id, int(mode, 8))


def parse_root_tree(content: bytes, *, digest_bytes: int) -> dict[str, str]:
    """Name → object id of the regular files of a tree object."""
    entries: dict[str, str] = {}
    position = 0
    while position < len(content):
        end = content.index(b"\0", position)
        mode, name = content[position:end].split(b" ", 1)
        position = end + 1 + digest_bytes
        if int(mode, 8) & FILE_TYPE == REGULAR_FILE:
            entries[_text(name)] = content[end + 1 : position].hex()
    return entries


def _split(output: bytes) -> tuple[list[bytes], bytes]:
    """The NUL-separated fields of the raw part, and the patch, which an empty field sets apart."""
    if not output:
        return [], b""
    raw, _, patch = output.partition(b"\0\0")
    return raw.rstrip(b"\0").split(b"\0"), patch


def _added_ranges(patch: bytes) -> Iterator[tuple[range, ...]]:
    """Per file section of a -U0 patch, the 1-based ranges of added lines.

    Lines of content begin with +, - or a backslash, so nothing in them can look like a header.
    """
    ranges: list[range] | None = None
    for match in _HUNK.finditer(patch):
        header, start, count = match.groups()
        if header:
            if ranges is not None:
                yield tuple(ranges)
            ranges = []
        elif ranges is not None and count != b"0":
            ranges.append(range(int(start), int(start) + int(count or 1)))
    if ranges is not None:
        yield tuple(ranges)


def _text(path: bytes) -> str:
    # Paths are bytes to git; one that is not UTF-8 is shown with its odd bytes as \\xNN.
    return path.decode("utf-8", "backslashreplace")
