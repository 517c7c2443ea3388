"""A page of the knowledge base as text for a terminal."""

from collections.abc import Iterator, Sequence

from devnexus.knowledge.confidence import strength
from devnexus.knowledge.projection import Projection, StandingDecision, StandingPattern
from devnexus.knowledge.seen_by import seen_by
from devnexus.people.corrections import Note
from devnexus.schema_v2 import DependencyRelationship
from devnexus.timestamps import write
from devnexus_cli.figures import count
from devnexus_cli.kb.record_text import receipt_text

_PLACES_SHOWN = 3
_DECISIONS_SHOWN = 10


def page_text(page: Projection, *, notes: Sequence[Note] = ()) -> list[str]:
    """Everything that matters of what is known, a line each; not yet safe to print."""
    lines = [f"{page.repository_name}  {page.repository_id}", f"  {_what_it_is(page)}"]
    if page.former_names:
        lines.append(f"  formerly {', '.join(page.former_names)}")
    if page.name_shared_with:
        lines.append(f"  others that claim this name: {', '.join(page.name_shared_with)}")
    sections = {
        "patterns": _patterns(page),
        "depends on": _wrapped(page.dependencies.external_dependencies),
        "used by": (_relation(one.target_repo, one.relationship_type) for one in _dependents(page)),
        "decisions": (_decision(one) for one in page.standing_decisions[:_DECISIONS_SHOWN]),
        "lessons": (
            f"{one.severity}, {one.category}: {one.lesson}" for one in page.deployment.lessons_learned
        ),
        "issues": (
            f"{one.status}, {one.severity} {one.issue_type}: {one.root_cause or one.issue_id}"
            for one in page.runtime_issues
        ),
        "gaps": (
            f"what came between {gap.after[:12]} and {gap.before[:12]} was missed, seen at {write(gap.at)}"
            for gap in page.gaps
        ),
        "notes": (_note(note) for note in notes),
    }
    for title, content in sections.items():
        if said := list(content):
            lines += ["", title, *(f"  {line}" for line in said)]
    return [*lines, "", *_footer(page)]


def _what_it_is(page: Projection) -> str:
    parts = [page.description, page.primary_language, page.visibility, "archived" if page.archived else None]
    parts.append(f"default branch {page.default_branch}")
    return " · ".join(part for part in parts if part)


def _patterns(page: Projection) -> Iterator[str]:
    patterns = sorted(page.standing_patterns.values(), key=lambda one: (-one.confidence, one.name))
    width = max((len(one.name) for one in patterns), default=0)
    for pattern in patterns:
        where = f"{_places(pattern)}{_seen_by(pattern.source)}"
        yield f"{pattern.name:<{width}}  {strength(pattern.confidence):<6}  {where}"
    shown = {one.name for one in patterns}
    for name in (name for name in page.unverified_patterns if name not in shown):
        yield f"{name:<{width}}  imported, no evidence"


def _places(pattern: StandingPattern) -> str:
    first: dict[str, int] = {}
    for row in pattern.evidence:
        first[row.path] = min(row.start, first.get(row.path, row.start))
    places = [f"{path}:{line}" for path, line in first.items()][:_PLACES_SHOWN]
    more = len(pattern.evidence) + sum(pattern.further_evidence.values()) - len(places)
    said = ", ".join(places) or f"said by {pattern.source}"
    return f"{said} and {more} more" if more > 0 and places else said


def _seen_by(source: str) -> str:
    said = seen_by(source)
    return f"  {said}" if said else ""


def _wrapped(words: Sequence[str]) -> Iterator[str]:
    if words:
        yield ", ".join(words)


def _dependents(page: Projection) -> Iterator[DependencyRelationship]:
    yield from page.dependencies.consumers
    yield from page.dependencies.derivatives


def _decision(decision: StandingDecision) -> str:
    place = f"{decision.path}:{decision.line}" if decision.path else f"commit {decision.commit[:7]}"
    status = f" ({decision.status})" if decision.status else ""
    return f"{decision.title}{status}  {place}{_seen_by(decision.source)}"


def _relation(name: str, kind: str) -> str:
    return f"{name} ({kind})"


def _note(note: Note) -> str:
    about = f"{note.pattern}: " if note.pattern else ""
    return f"{about}{note.text}{f' (by {note.by})' if note.by else ''}"


def _footer(page: Projection) -> Iterator[str]:
    components = len(page.components) or len(page.imported_components)
    yield (
        f"{count(page.pushes, 'push', 'pushes')}, {count(page.snapshots, 'snapshot')}, "
        f"{count(components, 'component')}, "
        f"last change {write(page.last_updated)}"
    )
    if page.last_receipt:
        yield f"last reading: {receipt_text(page.last_receipt)}"
