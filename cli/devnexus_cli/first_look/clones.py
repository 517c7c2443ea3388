"""Which repositories some paths mean: a clone itself, or a folder with clones in it."""

from collections.abc import Iterable
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


def _open(path: Path) -> list[LocalRepository | NotUsable]:
    found = _open_one(path)
    if isinstance(found, LocalRepository) or _is_repository(path):
        return [found]
    below = _repositories_below(path)
    if below is None:
        return [found]
    nothing = NotUsable(f"{path}: neither a git repository nor a folder of clones")
    return [_open_one(clone) for clone in below] or [nothing]


def _open_one(path: Path) -> LocalRepository | NotUsable:
    try:
        return open_local(path)
    except NotUsable as error:
        return error


def _repositories_below(path: Path) -> list[Path] | None:
    """Those directly in the folder at `path`; None where it is no folder that can be read."""
    try:
        return sorted(child for child in path.expanduser().iterdir() if _is_repository(child))
    except (OSError, RuntimeError):
        return None


def _is_repository(path: Path) -> bool:
    try:
        path = path.expanduser()
        return (path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir())
    except (OSError, RuntimeError):
        return False
