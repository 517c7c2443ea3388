"""From two listings to the files that differ, as `git diff-tree -r -M` tells them, in order of path."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from extractor.change import ChangedFile
from extractor.github.comparison import Row
from extractor.github.line_diff import added_lines
from extractor.github.listing import Entry, Listing
from extractor.roles import role_of

Contents = Callable[[Sequence[str]], list[bytes | None]]
"""Gives the contents of blobs, None for those that are too large to be read."""

_LOOKED_AT_FOR_NUL = 8000
"""As git does."""


def changed_files(
    old: Listing, new: Listing, rows: Mapping[str, Row], contents: Contents
) -> tuple[ChangedFile, ...]:
    """The files that differ.

    Which lines were added stands in `rows`. Where it does not, old and new content are read and compared, but
    not for files that are never read.
    """
    entries = {path: (old.entries.get(path), new.entries.get(path)) for path in {*old.entries, *new.entries}}
    paths = sorted(path for path, (before, after) in entries.items() if before != after)
    former = _former_paths(paths, old, new, rows)
    moved = set(former.values())
    replaced = {path: old.entries.get(former.get(path, path)) for path in paths}
    added = dict(_added(paths, replaced, new, rows, contents))
    return tuple(
        _changed(
            path,
            replaced[path],
            new.entries.get(path),
            added.get(path, ()),
            path in moved,
            former.get(path),
        )
        for path in paths
    )


def _former_paths(
    paths: Iterable[str], old: Listing, new: Listing, rows: Mapping[str, Row]
) -> Mapping[str, str]:
    """New path → the one that it was moved from, where a comparison says so or the content is the same."""
    gone = {path: old.entries[path].object_id for path in paths if path not in new.entries}
    by_content = {object_id: path for path, object_id in reversed(gone.items())}
    found: dict[str, str] = {}
    for path in (path for path in paths if path not in old.entries):
        told = rows[path].previous_path if path in rows else by_content.get(new.entries[path].object_id)
        if told in gone:
            found[path] = told
            del gone[told]
    return found


def _changed(
    path: str,
    before: Entry | None,
    after: Entry | None,
    added: tuple[range, ...],
    is_moved: bool,
    moved_from: str | None,
) -> ChangedFile:
    if after is None:
        assert before is not None
        # what was moved away is told where it went
        before_id = None if is_moved else before.object_id
        return ChangedFile(path, "removed", "0" * len(before.object_id), 0, before_id=before_id)
    before_id = before.object_id if before else None
    status: Literal["added", "modified"] = "modified" if before and moved_from is None else "added"
    return ChangedFile(path, status, after.object_id, after.mode, added, before_id, moved_from)


def _added(
    paths: Iterable[str],
    replaced: Mapping[str, Entry | None],
    new: Listing,
    rows: Mapping[str, Row],
    contents: Contents,
) -> Iterator[tuple[str, tuple[range, ...]]]:
    untold: list[tuple[str, Entry | None, Entry]] = []
    for path in paths:
        before, after = replaced[path], new.entries.get(path)
        if after is None or (before and before.object_id == after.object_id):
            continue
        ranges = rows[path].added if path in rows else None
        if ranges is not None and _is_same_type(before, after):
            yield path, ranges
        elif after.is_file and not role_of(path).not_read_because:
            untold.append((path, before if _is_same_type(before, after) else None, after))
    if untold:
        yield from _compared(untold, contents)


def _is_same_type(before: Entry | None, after: Entry) -> bool:
    return before is None or before.is_file == after.is_file


def _compared(
    files: Sequence[tuple[str, Entry | None, Entry]], contents: Contents
) -> Iterator[tuple[str, tuple[range, ...]]]:
    wanted = sorted({entry.object_id for _, before, after in files for entry in (before, after) if entry})
    found = dict(zip(wanted, contents(wanted), strict=True))
    texts = {
        path: ((before and found[before.object_id]) or b"", content)
        for path, before, after in files
        if (content := found[after.object_id]) is not None and b"\0" not in content[:_LOOKED_AT_FOR_NUL]
    }
    return zip(texts, added_lines(list(texts.values())), strict=True)
