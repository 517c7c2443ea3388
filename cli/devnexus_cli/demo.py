"""The demo organisation: small repositories kept as patches, and the story of their pushes."""

import shutil
from pathlib import Path

import yaml
from pydantic import Field

from devnexus.errors import ConfigurationError
from devnexus.git import run_git
from devnexus.timestamps import Timestamp
from devnexus.values import Value
from devnexus_cli.local_repository import LocalPush, LocalRepository, newest_pushes, number_of
from devnexus_cli.script import Script

OWNER = "demo"
_MARK = ".built-by-devnexus"
_BRANCH = "main"
_COMMITTER = ("-c", "user.name=demo", "-c", "user.email=demo@example.org")


class _Back(Value):
    """A branch is forced from one patch back to an earlier one."""

    repository: str
    start: int = Field(alias="from")
    to: int
    at: Timestamp


class _Twice(Value):
    """The push of a patch is delivered a second time."""

    repository: str
    patch: int


class _Story(Value):
    """What `pushes.yaml` adds to one push per patch in the order of their dates."""

    back: tuple[_Back, ...] = ()
    twice: tuple[_Twice, ...] = ()

    def repositories(self) -> set[str]:
        return {one.repository for one in self.back} | {one.repository for one in self.twice}


def play_demo(demo: Path, folder: Path) -> Script:
    """Build the repositories of `demo` below `folder` (made anew) and return the script of their pushes.

    The same patches give the same commits on every machine. Raises ConfigurationError where `demo` is
    not a demo organisation, or `folder` holds something that was not built here.
    """
    sources = sorted(path for path in demo.iterdir() if any(path.glob("*.patch"))) if demo.is_dir() else []
    if not sources:
        raise ConfigurationError(f"{demo} holds no demo repositories; take your own: REPOS=~/code/a make run")
    story = _read_story(demo / "pushes.yaml")
    _clear(folder)
    repositories = {source.name: _build(source, folder / source.name) for source in sources}
    if strange := story.repositories() - repositories.keys():
        raise ConfigurationError(f"pushes.yaml: there is no repository {', '.join(sorted(strange))}")
    pushes: list[tuple[LocalRepository, LocalPush]] = []
    for name, repository in repositories.items():
        own = newest_pushes(repository, 1000)
        twice = [_of(own, one.patch, name) for one in story.twice if one.repository == name]
        back = [_pushed_back(own, one) for one in story.back if one.repository == name]
        pushes += [(repository, push) for push in (*own, *twice, *back)]
        if back:  # what was pushed away stays in the object store, as on a host
            run_git(repository.path, "update-ref", f"refs/heads/{_BRANCH}", back[-1].after)
    pushes.sort(key=lambda one: (one[1].pushed_at, one[0].name))
    return Script(tuple(repositories.values()), tuple(pushes))


def _clear(folder: Path) -> None:
    """Take away what an earlier run built, and nothing else."""
    if folder.exists() and not (folder / _MARK).is_file():
        raise ConfigurationError(f"{folder} is not of our making: move it away, or take another --home")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / _MARK).write_text("Built by `devnexus run`, and built anew by the next one.\n")


def _read_story(path: Path) -> _Story:
    try:
        return _Story.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _build(source: Path, path: Path) -> LocalRepository:
    path.mkdir()
    run_git(path, "init", "--quiet", f"--initial-branch={_BRANCH}", ".")
    patches = [str(patch.resolve()) for patch in sorted(source.glob("*.patch"))]
    run_git(path, *_COMMITTER, "am", "--quiet", "--committer-date-is-author-date", *patches)
    return LocalRepository(path, number_of(f"{OWNER}/{source.name}"), f"{OWNER}/{source.name}", _BRANCH)


def _pushed_back(own: list[LocalPush], back: _Back) -> LocalPush:
    start, to = _of(own, back.start, back.repository), _of(own, back.to, back.repository)
    return LocalPush(start.after, to.after, back.at, to.author, to.message, start.pushed_at, is_forced=True)


def _of(own: list[LocalPush], patch: int, name: str) -> LocalPush:
    if not 1 <= patch <= len(own):
        raise ConfigurationError(f"pushes.yaml: {name} has no patch {patch}, only 1 to {len(own)}")
    return own[patch - 1]
