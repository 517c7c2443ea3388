"""Repositories that people labelled, as the product reads them: from clones, each at its HEAD."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from devnexus.events import Event, PatternsExtracted, SnapshotRequested
from devnexus.git import run_git
from devnexus.repository import Repository, id_of_name
from extractor.extract import on_snapshot_requested
from extractor.local_git import LocalGit
from extractor.reading import Reader
from extractor.rule_set import RuleSet

LEVELS_BELOW = ("*", "*/.git", "*/*", "*/*/.git")
"""Where else git may keep a clone, seen from the folder of its name."""


def clones_of(folder: Path, names: Iterable[str]) -> Mapping[str, Path]:
    """Where the clones below `folder` are, of those names that have one."""
    return {name: path for name in names if (path := clone_of(folder, name))}


def clone_of(folder: Path, name: str) -> Path | None:
    """Where git keeps the clone of `name` below `folder`, None if there is none."""
    for root in (folder / name.replace("/", "+"), folder / name, folder / f"{name}.git"):
        for below in ("", ".git", *LEVELS_BELOW):
            for git in sorted(root.glob(below)) if below else [root]:
                if (git / "HEAD").is_file() and (git / "objects").is_dir():
                    return git
    return None


def records_at_head(name: str, clone: Path, rules: RuleSet) -> list[PatternsExtracted]:
    """What the extractor tells of the whole tree."""
    told = _Told()
    on_snapshot_requested(
        SnapshotRequested(
            cause="snapshot",
            repository=Repository(id=id_of_name(name), name=name, default_branch="main"),
            sha=run_git(clone, "rev-parse", "HEAD").decode().strip(),
            asked_by="benchmark",
        ),
        source=LocalGit({name: clone}),
        reader=Reader(rules),
        publisher=told,
    )
    return told.records


class _Told:
    """A Publisher that keeps what it is given."""

    def __init__(self) -> None:
        self.records: list[PatternsExtracted] = []

    def publish(self, events: Iterable[Event], *, topic: str | None = None) -> None:
        self.records += (event for event in events if isinstance(event, PatternsExtracted))
