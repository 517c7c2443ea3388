"""All files of a tree on GitHub: https://docs.github.com/en/rest/git/trees#get-a-tree"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from devnexus.errors import Unavailable
from devnexus.github import GitHubRepository
from extractor.change import FILE_TYPE, REGULAR_FILE, ChangedFile
from extractor.github.wire import Wire

_ROOT_OF_NOTHING = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


@dataclass(frozen=True)
class Entry:
    """A file, symbolic link or submodule in a tree."""

    object_id: str
    mode: int
    size: int | None
    """In bytes, as far as it is told."""

    @property
    def is_file(self) -> bool:
        """Whether it is neither a link nor a submodule."""
        return self.mode & FILE_TYPE == REGULAR_FILE


@dataclass(frozen=True)
class Listing:
    """Path → what stands there, for everything but folders."""

    entries: Mapping[str, Entry]

    def files(self) -> Iterator[ChangedFile]:
        """All of it as files that are there."""
        for path, entry in self.entries.items():
            yield ChangedFile(path, "added", entry.object_id, entry.mode)


class _Row(Wire):
    path: str
    mode: str
    type: Literal["blob", "tree", "commit"]
    sha: str
    size: int | None = None


class _Answer(Wire):
    tree: tuple[_Row, ...]
    truncated: bool = False


def read_listing(github: GitHubRepository, tree: str) -> Listing:
    """The files below a tree, of which `tree` is the id.

    GitHub cuts what has more than 100,000 entries or 7 MB; that is then read folder by folder.
    """
    return Listing(dict(_entries(github, tree, "")))


def _entries(github: GitHubRepository, tree: str, folder: str) -> Iterator[tuple[str, Entry]]:
    if tree == _ROOT_OF_NOTHING:
        return
    whole = _ask(github, tree, recursive=True)
    if not whole.truncated:
        yield from _files(whole, folder)
        return
    level = _ask(github, tree, recursive=False)
    if level.truncated:
        raise Unavailable(f"the folder {folder or '/'} of {github.name} holds more files than GitHub lists")
    yield from _files(level, folder)
    for row in level.tree:
        if row.type == "tree":
            yield from _entries(github, row.sha, f"{folder}{row.path}/")


def _ask(github: GitHubRepository, tree: str, *, recursive: bool) -> _Answer:
    parameters: dict[str, str | int] = {"recursive": 1} if recursive else {}
    return _Answer.model_validate(github.get(f"/git/trees/{tree}", parameters).body)


def _files(answer: _Answer, folder: str) -> Iterator[tuple[str, Entry]]:
    for row in answer.tree:
        if row.type != "tree":
            yield f"{folder}{row.path}", Entry(row.sha, int(row.mode, 8), row.size)
