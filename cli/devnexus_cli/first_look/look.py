"""Reads clones, one snapshot each, and says what is worth remarking on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from devnexus.errors import Unavailable
from devnexus.events import PatternsExtracted, SnapshotRequested
from devnexus.events.similarity_computed import Place
from devnexus.git import run_git
from devnexus.knowledge.analyses import analyses
from devnexus.knowledge.fold import fold
from devnexus.knowledge.projection import Projection
from devnexus.taxonomy import load_taxonomy
from devnexus.timestamps import from_seconds
from devnexus_cli.first_look.clones import Clones
from devnexus_cli.first_look.copies import copies
from devnexus_cli.first_look.outliers import outliers
from devnexus_cli.first_look.remark import Remark, ranked
from devnexus_cli.first_look.risks import anti_patterns, secrets
from devnexus_cli.first_look.traces import has_trace
from devnexus_cli.first_look.versions import versions_apart
from devnexus_cli.first_look.ways import several_ways
from devnexus_cli.in_process import InProcess
from devnexus_cli.local_repository import LocalRepository
from devnexus_cli.script import as_event_says
from extractor.reading import MAX_FILES

ASKED_BY = "devnexus try"

_MOST_QUESTIONS = 12
_PATIENCE_SECONDS = 4.0


@dataclass(frozen=True)
class Seen:
    """One repository as it stands at its HEAD."""

    clone: LocalRepository
    record: PatternsExtracted
    projection: Projection


@dataclass(frozen=True)
class Look:
    """All that was seen."""

    seen: tuple[Seen, ...]
    remarks: tuple[Remark, ...]
    """Every one, the weightiest first."""
    left_out: tuple[str, ...]
    """Paths that were given and not read, each with the reason."""


@dataclass(frozen=True)
class Head:
    """A clone, the commit that is checked out, and how many files will be read of it."""

    clone: LocalRepository
    commit: str
    files: int


@dataclass(frozen=True)
class Heads:
    """Where the clones stand that can be read, and why others were left out."""

    ready: tuple[Head, ...]
    left_out: tuple[str, ...]


def heads_of(clones: Clones) -> Heads:
    """Where each clone stands, also without a branch."""
    ready: list[Head] = []
    left_out = list(clones.left_out)
    for clone in clones.repositories:
        try:
            ready.append(_head(clone))
        except Unavailable as error:
            left_out.append(f"{clone.path}: {error}")
    return Heads(tuple(ready), tuple(left_out))


def _head(clone: LocalRepository) -> Head:
    commit = run_git(clone.path, "rev-parse", "--verify", "HEAD^{commit}").decode().strip()
    listing = run_git(clone.path, "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit)
    return Head(clone, commit, min(listing.count(b"\0"), MAX_FILES))


def look(heads: Heads, *, tell: Callable[[int], None]) -> Look:
    """Read the clones and compare them; `tell` is told of each number of files that has been read."""
    at, seen = heads.ready, list[Seen]()
    left_out = list(heads.left_out)
    with InProcess({head.clone.name: head.clone.path for head in at}, tell=tell) as extractor:
        for head in at:
            try:
                one = _see(head, extractor)
            except Unavailable as error:
                left_out.append(f"{head.clone.path}: {error}")
                continue
            if one is None:
                left_out.append(f"{head.clone.path}: its .devnexus.yml asks not to be read")
            else:
                seen.append(one)
    return Look(tuple(seen), tuple(ranked(_remarks(seen))), tuple(left_out))


def _see(head: Head, extractor: InProcess) -> Seen | None:
    asked = SnapshotRequested(
        cause="snapshot", repository=as_event_says(head.clone), sha=head.commit, asked_by=ASKED_BY
    )
    records = extractor.extracted(asked)
    state = fold(records)
    return Seen(head.clone, analyses(records)[0], state.project()) if state else None


def _remarks(seen: Sequence[Seen]) -> Iterator[Remark]:
    anti = frozenset(id_ for id_, canonical in load_taxonomy().items() if canonical.anti)
    projections = [one.projection for one in seen]
    yield from copies(projections, _LastChanges(seen).of)
    hints = {one.projection.repository_id: {each.id for each in one.record.patterns} for one in seen}
    at = {one.projection.repository_id: (one.clone.path, one.record.after) for one in seen}
    yield from outliers(
        projections, hints, lambda projection, words: has_trace(*at[projection.repository_id], words)
    )
    yield from versions_apart(projections)
    yield from several_ways(projections)
    for one in seen:
        marked = frozenset(pattern.id for pattern in one.record.patterns if pattern.anti)
        yield from anti_patterns(one.projection, anti | marked)
        yield from secrets(one.clone, one.record)


class _LastChanges:
    """When lines last changed, as git tells; it has to walk through history, so it is asked a few times."""

    def __init__(self, seen: Sequence[Seen]) -> None:
        self._clones = {one.projection.repository_id: one.clone.path for one in seen}
        self._questions = _MOST_QUESTIONS

    def of(self, projection: Projection, lines: Place) -> datetime | None:
        """As promised by LastChanged; also None where the clone is shallow or git takes long."""
        path = self._clones[projection.repository_id]
        self._questions -= 1
        if self._questions < 0:
            return None
        span = f"-L{lines.start},{lines.end}:{lines.path}"
        try:
            if run_git(path, "rev-parse", "--is-shallow-repository").strip() == b"true":
                return None
            told = run_git(
                path, "log", "-1", "-s", "--format=%ct", span, lines.commit, timeout_seconds=_PATIENCE_SECONDS
            )
        except Unavailable:
            return None
        return from_seconds(told.decode().strip()) if told.strip() else None
