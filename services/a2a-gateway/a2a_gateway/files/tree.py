"""The tree of one commit, and which of its blobs are read: bounded, and nothing outside of it."""

import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from a2a_gateway.files.repository_files import LARGEST_BYTES, MOST_BYTES, MOST_PATHS, Contents, Listing

_TYPE = 0o170000
_FILE = 0o100000
_LINK = 0o120000
_MOST_HOPS = 5
_LONGEST_LINK = 1000

TOO_LARGE = f"larger than {LARGEST_BYTES // 1_000_000} MB"
NO_ROOM = f"beyond the {MOST_BYTES // 1_000_000} MB that are read at once"

Blobs = Callable[[Sequence[str]], Mapping[str, bytes]]
"""Object ids → what they hold, for those that can be had."""


@dataclass(frozen=True)
class Entry:
    """A file, symbolic link or submodule in a tree."""

    mode: int
    object_id: str
    size: int

    @property
    def is_file(self) -> bool:
        """Whether it is neither a link nor a submodule."""
        return self.mode & _TYPE == _FILE

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return self.mode & _TYPE == _LINK


@dataclass(frozen=True)
class Tree:
    """Path → what stands there, for everything but folders."""

    entries: Mapping[str, Entry]
    is_whole: bool

    @cached_property
    def listing(self) -> Listing:
        """What there is."""
        files = frozenset(path for path, entry in self.entries.items() if entry.is_file or entry.is_link)
        elsewhere = frozenset(path for path, entry in self.entries.items() if not entry.is_file)
        return Listing(files, elsewhere, self.is_whole)

    def read(self, paths: Sequence[str], blobs: Blobs) -> Contents:
        """What stands in these files, as `RepositoryFiles.read` promises."""
        meant = self._resolved(dict.fromkeys(paths), blobs)
        wanted: dict[str, str] = {}
        left_out: dict[str, str] = {}
        room = MOST_BYTES
        for path, entry in meant.items():
            if entry.size > LARGEST_BYTES:
                left_out[path] = TOO_LARGE
            elif entry.size > room:
                left_out[path] = NO_ROOM
            else:
                wanted[path] = entry.object_id
                room -= entry.size
        contents = blobs([*dict.fromkeys(wanted.values())])
        missing = {path: "could not be had" for path, id_ in wanted.items() if id_ not in contents}
        there = {path: contents[id_] for path, id_ in wanted.items() if id_ in contents}
        return Contents(there, {**left_out, **missing})

    def _resolved(self, paths: Iterable[str], blobs: Blobs) -> dict[str, Entry]:
        """Path → the file that it means, for those that mean one."""
        there = {path: self.entries[path] for path in paths if path in self.entries}
        links = {path: path for path, entry in there.items() if entry.is_link}
        found = {path: entry for path, entry in there.items() if entry.is_file}
        for _ in range(_MOST_HOPS):
            if not links:
                break
            targets = self._targets(set(links.values()), blobs)
            links = {path: targets[at] for path, at in links.items() if at in targets}
            found |= {path: self.entries[at] for path, at in links.items() if self.entries[at].is_file}
            links = {path: at for path, at in links.items() if self.entries[at].is_link}
        return {path: found[path] for path in there if path in found}

    def _targets(self, links: Iterable[str], blobs: Blobs) -> dict[str, str]:
        """Symbolic link → where it leads, for those that lead to something in this tree."""
        short = {at: self.entries[at].object_id for at in links if self.entries[at].size <= _LONGEST_LINK}
        contents = blobs([*dict.fromkeys(short.values())])
        led = {
            at: posixpath.normpath(posixpath.join(posixpath.dirname(at), text_of(contents[id_])))
            for at, id_ in short.items()
            if id_ in contents
        }
        return {at: target for at, target in led.items() if target in self.entries}


def bounded(entries: Iterable[tuple[str, Entry]], *, is_whole: bool = True) -> Tree:
    """A tree of the MOST_PATHS nearest to the root."""
    found = [*entries]
    if len(found) > MOST_PATHS:
        found.sort(key=lambda one: one[0].count("/"))
        found, is_whole = found[:MOST_PATHS], False
    return Tree(dict(found), is_whole)


def text_of(name: bytes) -> str:
    """A path as text; what is no UTF-8 is escaped, so that no two become the same."""
    return name.decode(errors="surrogateescape")
