"""Which repositories some paths mean: a clone itself, or a folder with clones in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from devnexus_cli.local_repository import LocalRepository, NotUsable, open_local, with_own_names


@dataclass(frozen=True)
class Clones:
    """The repositories that were found, each once, and why other paths were left out."""

    repositories: tuple[LocalRepository, ...]
    left_out: tuple[str, ...]


def find_clones(paths: Iterable[Path]) -> Clones:
    """The repositories at `paths`, or directly below those that are none."""
    found: dict[str, LocalRepository] = {}
    left_out: list[str] = []
    for path in paths:
        for one in _open(path):
            if isinstance(one, NotUsable):
                left_out.append(str(one))
            elif one.id not in found:
                found[one.id] = one
            elif one.path != found[one.id].path:
                left_out.append(f"{one.path}: the same repository as {found[one.id].path}")
            else:
                left_out.append(f"{path}: given twice, read once")
    return Clones(tuple(with_own_names(list(found.values()))), tuple(left_out))


def _open(path: Path) -> Iterator[LocalRepository | NotUsable]:
    try:
        yield open_local(path)
    except NotUsable as error:
        below = [] if _is_repository(path) else _repositories_below(path)
        if not below:
            yield error
        for clone in below:
            yield from _open_one(clone)


def _open_one(path: Path) -> Iterator[LocalRepository | NotUsable]:
    try:
        yield open_local(path)
    except NotUsable as error:
        yield error


def _repositories_below(path: Path) -> list[Path]:
    try:
        return sorted(child for child in path.expanduser().iterdir() if _is_repository(child))
    except (OSError, RuntimeError):
        return []


def _is_repository(path: Path) -> bool:
    try:
        path = path.expanduser()
        return (path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir())
    except (OSError, RuntimeError):
        return False
