"""The page of one repository."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from a2a_gateway.knowledge.component_copies import copies_elsewhere
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.pages.deployed import DeclaredLine, DeployedLines, declared_lines, deployed_lines
from a2a_gateway.pages.exceptions import ExceptionLines, exception_lines
from a2a_gateway.pages.links import (
    Link,
    commit_link,
    home_link,
    lines_link,
    pair_url,
    repository_link,
)
from a2a_gateway.pages.lists import Happened, LeftOut, Shown, happened, left_out, pattern_in, shown
from a2a_gateway.pages.production import IssueLine, open_lines
from a2a_gateway.pages.told import DecisionLine, UseLine, decision_lines, use_lines
from devnexus.events.patterns_extracted import Redaction
from devnexus.events.similarity_computed import Alike, Place
from devnexus.knowledge.projection import Projection, StandingComponent
from devnexus.people.corrections import Note

_COMPONENTS_SHOWN = 6
_FURTHER_COMPONENTS = 24
_COPIES_SHOWN = 3
_PACKAGES_SHOWN = 60
_RECORDS_SHOWN = 10
_PATHS_SHOWN = 3


@dataclass(frozen=True)
class StandingLine:
    """A pattern that stands here."""

    pattern: Link
    category: str
    shown: Shown
    said: Sequence[str]
    """What people say of it."""


@dataclass(frozen=True)
class Packages:
    """What is asked for from one ecosystem."""

    ecosystem: str
    count: int
    names: Sequence[str]


@dataclass(frozen=True)
class ComponentLine:
    """A component in one line."""

    name: str
    kind: str
    description: str | None
    place: Link
    lines: int
    changed: datetime | None
    elsewhere: Sequence[Link]
    """Repositories in which it stands too, the first few."""
    more_elsewhere: int


@dataclass(frozen=True)
class AlikeLine:
    """A repository like this one."""

    repository: Link
    pair: str
    alike: Alike


@dataclass(frozen=True)
class GapLine:
    """Something between two commits was never seen."""

    after: Link
    before: Link
    at: datetime


@dataclass(frozen=True)
class RepositoryPage:
    """What the page of a repository shows."""

    name: str
    is_archived: bool
    description: str | None
    languages: Sequence[tuple[str, int]]
    home: Link | None
    branch: str
    commit: Link
    read_at: datetime
    """When the last push or snapshot that was read happened; where there is none, when it became known."""
    pushes: int
    snapshots: int
    shares_name_with: Sequence[Link]
    gaps: Sequence[GapLine]
    patterns: Sequence[StandingLine]
    dependencies: int
    packages: Sequence[Packages]
    components: int
    largest: Sequence[ComponentLine]
    further: Sequence[ComponentLine]
    used_by: Sequence[UseLine]
    declared: Sequence[DeclaredLine]
    deployed: DeployedLines
    open_issues: Sequence[IssueLine]
    more_issues: int
    decisions: Sequence[DecisionLine]
    alike: Sequence[AlikeLine]
    exceptions: ExceptionLines
    happened: Sequence[Happened]
    not_read: Sequence[LeftOut]
    clipped: Sequence[LeftOut]
    redacted: Sequence[Redaction]
    read: int | None
    """How many files of the last push or snapshot were read; None where there was none yet."""
    unverified: Sequence[str]
    """Patterns that an import names, without evidence."""
    notes: Sequence[str]
    """What people say of the repository."""


def repository_page(reading: Reading, projection: Projection) -> RepositoryPage:
    """All that is known of one repository."""
    name, url = reading.name(projection), projection.repository_url
    largest = sorted(projection.components, key=lambda one: (-one.lines_of_code, one.component_id))
    lines = [
        _component(reading, projection, one) for one in largest[: _COMPONENTS_SHOWN + _FURTHER_COMPONENTS]
    ]
    receipt = projection.last_receipt
    open_issues, more_issues = open_lines(reading, projection)
    return RepositoryPage(
        name=name,
        is_archived=projection.archived,
        description=projection.description,
        languages=sorted(projection.languages.items(), key=lambda item: (-item[1], item[0])),
        home=home_link(projection),
        branch=projection.default_branch,
        commit=commit_link(url, projection.latest_patterns.commit_sha),
        read_at=projection.latest_patterns.analyzed_at,
        pushes=projection.pushes,
        snapshots=projection.snapshots,
        shares_name_with=_claimants(projection),
        gaps=[
            GapLine(commit_link(url, gap.after), commit_link(url, gap.before), gap.at)
            for gap in projection.gaps
        ],
        patterns=_standing(reading, projection),
        dependencies=len(projection.declared_dependencies),
        packages=_packages(projection),
        components=len(projection.components),
        largest=lines[:_COMPONENTS_SHOWN],
        further=lines[_COMPONENTS_SHOWN:],
        used_by=use_lines(reading, projection),
        declared=declared_lines(reading, projection),
        deployed=deployed_lines(projection),
        open_issues=open_issues,
        more_issues=more_issues,
        decisions=decision_lines(projection),
        alike=[_alike(reading, projection, other) for other in reading.like(projection)],
        exceptions=exception_lines(reading, projection),
        unverified=_only_told(projection),
        notes=[_text(note) for note in reading.corrections(projection).note if note.pattern is None],
        happened=happened(reading, [projection], _RECORDS_SHOWN),
        not_read=left_out(receipt.not_read if receipt else (), _PATHS_SHOWN),
        clipped=left_out(receipt.clipped if receipt else (), _PATHS_SHOWN),
        redacted=receipt.redacted if receipt else (),
        read=receipt.read if receipt else None,
    )


def _standing(reading: Reading, projection: Projection) -> list[StandingLine]:
    by_confidence = sorted(
        projection.standing_patterns.items(), key=lambda item: (-item[1].confidence, item[0])
    )
    said = _said(reading, projection)
    return [
        StandingLine(
            pattern=pattern_in(reading, id_, pattern.name),
            category=pattern.category,
            shown=shown(projection, pattern),
            said=said.get(id_, ()),
        )
        for id_, pattern in by_confidence
    ]


def _said(reading: Reading, projection: Projection) -> dict[str, list[str]]:
    """Pattern id → who confirmed it and why, and the notes on it."""
    said: dict[str, list[str]] = defaultdict(list)
    corrections, words = reading.corrections(projection), reading.words(projection)
    for one in corrections.confirm:
        reason = f": {one.reason}" if one.reason else ""
        said[words.id(one.pattern)].append(f"Confirmed by {one.by}{reason}")
    for note in corrections.note:
        if note.pattern:
            said[words.id(note.pattern)].append(_text(note))
    return said


def _text(note: Note) -> str:
    return f"{note.text} ({note.by})" if note.by else note.text


def _only_told(projection: Projection) -> list[str]:
    standing = {pattern.name for pattern in projection.standing_patterns.values()}
    return [name for name in projection.unverified_patterns if name not in standing]


def _claimants(projection: Projection) -> list[Link]:
    names = (f"{projection.repository_name}@{id_.replace('/', '+')}" for id_ in projection.name_shared_with)
    return [repository_link(name) for name in names]


def _packages(projection: Projection) -> list[Packages]:
    names: dict[str, list[str]] = defaultdict(list)
    for dependency in projection.declared_dependencies:
        names[dependency.ecosystem].append(f"{dependency.name} {dependency.requirement}".strip())
    return [Packages(key, len(found), sorted(found)[:_PACKAGES_SHOWN]) for key, found in names.items()]


def _component(reading: Reading, here: Projection, component: StandingComponent) -> ComponentLine:
    place = Place(path=component.files[0], start=component.start, end=component.end, commit=component.commit)
    copies = copies_elsewhere(here, component, reading)
    return ComponentLine(
        name=component.name,
        kind=component.component_type,
        description=component.description,
        place=lines_link(here.repository_url, place),
        lines=component.lines_of_code,
        changed=component.changed.at if component.changed else None,
        elsewhere=[repository_link(reading.name(there)) for there, _ in copies[:_COPIES_SHOWN]],
        more_elsewhere=len(copies[_COPIES_SHOWN:]),
    )


def _alike(reading: Reading, here: Projection, there: Projection) -> AlikeLine:
    name = reading.name(there)
    return AlikeLine(
        repository=repository_link(name),
        pair=pair_url(reading.name(here), name),
        alike=reading.explain(here, there),
    )
