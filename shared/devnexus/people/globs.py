"""What people write to mean several repositories or paths. Matching takes time in proportion to both."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import AfterValidator, StringConstraints


def _repository_glob(text: str) -> str:
    if text != "*" and text.count("/") != 1:
        raise ValueError("can match no <owner>/<name>; write for example acme/* or */billing")
    return text


def _path_glob(text: str) -> str:
    if text.startswith("/") or {".", ".."} & set(text.split("/")):
        raise ValueError("must be a path within the repository, such as docs/ or **/*.sql")
    return text


_Glob = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]

RepositoryGlob = Annotated[_Glob, AfterValidator(_repository_glob)]
"""`<owner>/<name>` with `*` and `?`, ignoring case; `*` alone is every repository."""

PathGlob = Annotated[_Glob, AfterValidator(_path_glob)]
"""A whole path: `*` and `?` stay within a folder, `**` spans any number of them, `docs/` is all below it."""


def names_repository(globs: Iterable[str], name: str) -> bool:
    """Whether one of these globs means the repository `<owner>/<name>`."""
    lowered = name.lower()
    return any(fnmatchcase(lowered, glob.lower()) for glob in globs)


def names_path(globs: Iterable[str], path: str) -> bool:
    """Whether one of these globs means the file at `path`."""
    parts = path.split("/")
    return any(_matches(glob if not glob.endswith("/") else f"{glob}**", parts) for glob in globs)


def _matches(glob: str, parts: Sequence[str]) -> bool:
    """Folder by folder: `reached` holds how many parts of the path the glob so far can have eaten."""
    reached = {0}
    pieces = glob.split("/")
    for number, piece in enumerate(pieces, start=1):
        if piece == "**":
            least = 1 if number == len(pieces) else 0  # a folder is not a file in itself
            reached = set(range(min(reached) + least, len(parts) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(parts) and fnmatchcase(parts[at], piece)}
        if not reached:
            return False
    return len(parts) in reached
