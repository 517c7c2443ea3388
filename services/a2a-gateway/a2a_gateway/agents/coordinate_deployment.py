"""The use case: whether to deploy a repository now, from what is known here and what other agents know.

The decision rests on the health of patterns, which is known here: an agent that is down, slow or not
configured takes from the answer no more than what that agent would have added.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime

from a2a_gateway.agents.deployment import (
    ISSUES_SHOWN,
    Advice,
    Dependent,
    Monitoring,
    PatternFigure,
    decision_at,
    figure,
    issue_of,
    reasons,
)
from a2a_gateway.agents.hearing import LIMIT_SECONDS, hear
from a2a_gateway.fitting import fitting
from a2a_gateway.knowledge.dependents import Relationship, Source, known_dependents
from a2a_gateway.knowledge.nearest import known_repository
from a2a_gateway.knowledge.reading import Reading
from devnexus.agents import Agents, Health
from devnexus.agents.orchestrator import Dependencies
from devnexus.knowledge.known_issues import Trouble
from devnexus.knowledge.projection import Projection

_DEPENDENTS_SHOWN = 200
_PATTERN_BYTES = 100_000
_OPEN = frozenset({"open", "investigating"})

_Told = tuple[str, Relationship, Source, str | None]


def coordinate_deployment(
    repository: str,
    patterns: Sequence[str],
    *,
    knowledge: Reading,
    agents: Agents,
    now: datetime,
    limit_seconds: float = LIMIT_SECONDS,
) -> Advice:
    """Whether to deploy `<owner>/<name>`, and why not: `block` below a health of 0.5, `warn` below 0.7.

    Looks at `patterns`, by name, id or alias; at those of the repository where none are given. Raises
    CannotAnswer for a repository that is not known.
    """
    page = known_repository(repository, knowledge)
    heard = hear(agents, page.repository_name, limit_seconds=limit_seconds)
    figures, unknown = _figures(page, patterns, knowledge, now)
    lowest = min((one.health for one in figures), default=None)
    shown = fitting(figures, most_bytes=_PATTERN_BYTES)
    dependents = _dependents(_all_told(page, heard.dependencies, knowledge))
    return Advice(
        repository=knowledge.name(page),
        decision=decision_at(lowest),
        lowest_health=lowest,
        reasons=reasons(shown),
        patterns=tuple(shown),
        pattern_count=len(figures),
        unknown_patterns=unknown,
        dependents=dependents[:_DEPENDENTS_SHOWN],
        dependent_count=len(dependents),
        monitoring=_monitoring(page, heard.health, knowledge),
        degraded=heard.degraded,
    )


def _figures(
    page: Projection, asked: Sequence[str], knowledge: Reading, now: datetime
) -> tuple[tuple[PatternFigure, ...], tuple[str, ...]]:
    """The figures of the patterns that are meant, the lowest health first, and the words that mean none."""
    names = {word: _used(knowledge.patterns_meant(word), knowledge) for word in asked}
    ids = set[str]().union(*names.values()) if asked else set(page.standing_patterns)
    figures = sorted((_figure(id_, knowledge, now) for id_ in ids), key=lambda one: (one.health, one.id))
    return tuple(figures), tuple(word for word, meant in names.items() if not meant)


def _used(ids: Set[str], knowledge: Reading) -> Set[str]:
    return {id_ for id_ in ids if id_ in knowledge.having}


def _figure(id_: str, knowledge: Reading, now: datetime) -> PatternFigure:
    name = knowledge.having[id_][0].standing_patterns[id_].name
    return figure(id_, name, knowledge.healths.of(id_, now=now), knowledge.names)


def _all_told(page: Projection, heard: Dependencies | None, knowledge: Reading) -> Iterable[_Told]:
    """Who depends on the repository: what manifests say with their line first, then what is only said."""
    for known in known_dependents(page, knowledge):
        for source in known.told_by:
            yield known.repository, known.relationship, source, known.evidence
    for name in filter(knowledge.may_name, heard.consumers if heard else ()):
        yield name, "consumer", "orchestrator", None
    for name in filter(knowledge.may_name, heard.derivatives if heard else ()):
        yield name, "derivative", "orchestrator", None


def _dependents(told: Iterable[_Told]) -> tuple[Dependent, ...]:
    """Each repository and relationship once, by name, with everybody who told of it."""
    found: dict[tuple[str, Relationship], Dependent] = {}
    for name, relationship, source, evidence in told:
        key = (name.lower(), relationship)
        known = found.get(key)
        found[key] = Dependent(
            repository=known.repository if known else name,
            relationship=relationship,
            told_by=tuple(dict.fromkeys((*(known.told_by if known else ()), source))),
            evidence=known.evidence if known else evidence,
        )
    return tuple(found[key] for key in sorted(found))


def _monitoring(page: Projection, health: Health | None, knowledge: Reading) -> Monitoring:
    open_ones = [issue for issue in reversed(page.runtime_issues) if issue.status in _OPEN]
    names: Mapping[str, str] = knowledge.names
    shown = tuple(issue_of(Trouble(page, issue), names) for issue in open_ones[:ISSUES_SHOWN])
    return Monitoring(
        status=health.status if health else None, open_issues=shown, open_issue_count=len(open_ones)
    )
