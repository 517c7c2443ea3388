"""What of a page is read to compare it; the rest need not stay in memory."""

from devnexus.alike.bag import strongest_row
from devnexus.events.patterns_extracted import Receipt
from devnexus.knowledge.projection import Projection, StandingComponent, StandingPattern
from devnexus.schema_v2 import DependencyInfo, PatternEntry

_READ = frozenset(
    {
        *("repository_id", "repository_name", "quiet", "removed"),
        *("declared_dependencies", "published_packages", "owners", "last_push", "primary_language"),
    }
)
"""Of the fields that may be left out."""

_UNREAD = {
    name: field.get_default(call_default_factory=True)
    for name, field in Projection.model_fields.items()
    if name not in _READ and not field.is_required()
}


def compared(page: Projection) -> Projection:
    """The page without what comparing never reads: most evidence, components' words, history, decisions."""
    return page.model_copy(
        update={
            **_UNREAD,
            "latest_patterns": _entry(page.latest_patterns),
            "dependencies": DependencyInfo(),
            "standing_patterns": {id_: _pattern(one) for id_, one in page.standing_patterns.items()},
            "recent": page.recent[:1],
            "components": tuple(_component(one) for one in page.components),
            "last_receipt": _receipt(page.last_receipt) if page.last_receipt else None,
        }
    )


def _entry(entry: PatternEntry) -> PatternEntry:
    return PatternEntry(
        problem_domain=entry.problem_domain,
        keywords=entry.keywords,
        analyzed_at=entry.analyzed_at,
        commit_sha=entry.commit_sha,
    )


def _pattern(pattern: StandingPattern) -> StandingPattern:
    """With the strongest row, and those that tell by which packages it is done."""
    strongest = strongest_row(pattern)
    rows = tuple(row for row in pattern.evidence if row is strongest or row.kind == "dependency")
    return pattern.model_copy(update={"evidence": rows, "further_evidence": {}})


def _component(component: StandingComponent) -> StandingComponent:
    return component.model_copy(update={"description": None, "public_methods": ()})


def _receipt(receipt: Receipt) -> Receipt:
    return Receipt(
        reader=receipt.reader,
        rules_version=receipt.rules_version,
        files=receipt.files,
        read=receipt.read,
        not_read=receipt.not_read,
    )
