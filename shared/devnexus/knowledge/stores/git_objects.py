"""git's objects as values: the names that git gives to contents and folders, and folders after changes."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

FOLDER = "040000"
FILE = "100644"
LINKED_REPOSITORY = "160000"


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in a folder under a name."""

    mode: str
    """Six digits, as GitHub writes them."""
    id: str

    @property
    def is_folder(self) -> bool:
        return self.mode == FOLDER


Tree = Mapping[str, Entry]
"""One folder: name → entry."""


def blob_id(content: bytes) -> str:
    """The name git gives to a file's content."""
    return _id(b"blob", content)


def tree_id(tree: Tree) -> str:
    """The name git gives to a folder."""
    parts = []
    for key, name in sorted((_sort_key(name, entry), name) for name, entry in tree.items()):
        entry = tree[name]
        parts.append(f"{entry.mode.lstrip('0')} ".encode() + key.removesuffix(b"/") + b"\0")
        parts.append(bytes.fromhex(entry.id))
    return _id(b"tree", b"".join(parts))


def edited(
    root: str, changes: Mapping[str, Entry | None], *, tree: Callable[[str], Tree]
) -> tuple[str, dict[str, Tree]]:
    """The root folder after `changes` (path → entry, None takes away), and every folder that is new by it.

    A folder that nothing is left in disappears, as git has it. `tree` gives a folder by its id.
    """
    new: dict[str, Tree] = {}
    return _edited(tree(root), changes, tree, new), new


def _edited(
    folder: Tree,
    changes: Mapping[str, Entry | None],
    tree: Callable[[str], Tree],
    new: dict[str, Tree],
) -> str:
    after = dict(folder)
    below: dict[str, dict[str, Entry | None]] = {}
    for path, entry in changes.items():
        name, slash, rest = path.partition("/")
        if slash:
            below.setdefault(name, {})[rest] = entry
        elif entry is None:
            after.pop(name, None)
        else:
            after[name] = entry
    for name, inner in below.items():
        old = after.get(name)
        inner_id = _edited(tree(old.id) if old and old.is_folder else {}, inner, tree, new)
        if new[inner_id]:
            after[name] = Entry(FOLDER, inner_id)
        else:
            after.pop(name, None)
    result = tree_id(after)
    new[result] = after
    return result


def _sort_key(name: str, entry: Entry) -> bytes:
    raw = name.encode("utf-8", "surrogateescape")
    return raw + b"/" if entry.is_folder else raw


def _id(kind: bytes, content: bytes) -> str:
    return hashlib.sha1(kind + b" %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
