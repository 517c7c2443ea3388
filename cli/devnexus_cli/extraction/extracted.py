"""What a record holds, sorted by what people ask for: each thing with the path that it stands in."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from devnexus.events import PatternsExtracted
from devnexus.events.patterns_extracted import (
    Commit,
    Component,
    Decision,
    DependencyChange,
    EvidenceRow,
    Fact,
    FileReading,
    Kind,
    Pattern,
    Receipt,
)
from devnexus.knowledge.confidence import confidence, strength
from devnexus.taxonomy import load_taxonomy
from devnexus.values import Value


class FoundRow(Value):
    """Lines that speak for a pattern."""

    path: str
    start: int
    end: int
    kind: Kind
    weight: float
    introduced: bool


class FoundPattern(Value):
    """A pattern, how sure the evidence makes us, and the evidence, strongest first."""

    id: str
    name: str
    category: str
    anti: bool
    confidence: float
    strength: str
    evidence: tuple[FoundRow, ...]
    not_shown: int
    """Rows that were found beyond those kept."""


class FoundComponent(Value):
    """A class or function that others could use."""

    path: str
    name: str
    kind: str
    start: int
    end: int
    description: str
    public_methods: tuple[str, ...]


class FoundChange(DependencyChange):
    """What happened to a package that the manifest at `path` asks for."""

    path: str


class FoundFact(Fact):
    """What the file at `path` says."""

    path: str


class Extracted(Value):
    """All that one repository, or one range of its commits, yields."""

    repository: str
    subject: str
    before: str | None
    after: str
    at: datetime
    commits: tuple[Commit, ...]
    languages: dict[str, int]
    patterns: tuple[FoundPattern, ...]
    decisions: tuple[Decision, ...]
    components: tuple[FoundComponent, ...]
    dependency_changes: tuple[FoundChange, ...]
    facts: tuple[FoundFact, ...]
    receipt: Receipt


def extracted(record: PatternsExtracted) -> Extracted:
    """What a whole record holds."""
    return Extracted(
        repository=record.repository.name,
        subject=record.subject,
        before=record.before,
        after=record.after,
        at=record.at,
        commits=record.commits,
        languages=_languages(record),
        patterns=tuple(sorted(_patterns(record), key=lambda one: (-one.confidence, one.id))),
        decisions=(*record.decisions, *(one for file in record.files for one in _decisions(file))),
        components=tuple(_component(file.path, one) for file in record.files for one in file.components),
        dependency_changes=tuple(
            FoundChange(path=file.path, **one.model_dump())
            for file in record.files
            for one in file.dependency_changes
        ),
        facts=tuple(
            FoundFact(path=file.path, **one.model_dump()) for file in record.files for one in file.facts
        ),
        receipt=record.receipt,
    )


def _languages(record: PatternsExtracted) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for file in record.files:
        if file.language and file.status != "removed":
            counts[file.language] += 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _patterns(record: PatternsExtracted) -> Iterator[FoundPattern]:
    rows: dict[str, list[tuple[str, EvidenceRow]]] = defaultdict(list)
    not_shown: dict[str, int] = defaultdict(int)
    for file in record.files:
        for row in file.rows:
            rows[row.rule].append((file.path, row))
        for rule, number in file.cut.items():
            not_shown[rule] += number
    for pattern in record.patterns:
        if pattern.id in rows:
            yield _pattern(pattern, rows[pattern.id], not_shown[pattern.id])


def _pattern(pattern: Pattern, rows: list[tuple[str, EvidenceRow]], not_shown: int) -> FoundPattern:
    canonical = load_taxonomy().get(pattern.id)
    sure = confidence(rows, pattern.need)
    found = (FoundRow(path=path, **row.model_dump(include=set(FoundRow.model_fields))) for path, row in rows)
    return FoundPattern(
        id=pattern.id,
        name=pattern.name,
        category=pattern.category,
        anti=pattern.anti or bool(canonical and canonical.anti),
        confidence=sure,
        strength=strength(sure),
        evidence=tuple(sorted(found, key=lambda row: (-row.weight, row.path, row.start, row.kind))),
        not_shown=not_shown,
    )


def _decisions(file: FileReading) -> Iterator[Decision]:
    for one in file.decisions:
        yield one if one.path else one.model_copy(update={"path": file.path})


def _component(path: str, one: Component) -> FoundComponent:
    return FoundComponent(path=path, **one.model_dump(include=set(FoundComponent.model_fields)))
