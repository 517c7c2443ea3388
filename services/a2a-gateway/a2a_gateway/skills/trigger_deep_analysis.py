"""`trigger_deep_analysis`: let the pattern-miner look at one repository, and tell what its word is worth."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Annotated

from pydantic import Field, JsonValue

from a2a_gateway.answer import Answer, CannotAnswer, Input, Part
from a2a_gateway.fitting import fitting
from a2a_gateway.knowledge.nearest import known_repository
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.skill import AskingSkill
from a2a_gateway.world import World
from devnexus.agents import AgentFailed, pattern_miner
from devnexus.agents.pattern_miner import PatternMiner, RepositoryAnalysis
from devnexus.knowledge.projection import Projection
from devnexus.printable import printable

_BYTES = 100_000
"""Of each list that the miner answers."""

_NOTE = (
    "These are the pattern-miner's own words. As it is today it answers samples whatever it is asked, and"
    " nothing of this was checked against the code or recorded; `seen_here` names what our own reading"
    " shows as well."
)


class TriggerDeepAnalysis(Input):
    """What to look at."""

    repository: str
    """`<owner>/<name>`, whatever its case."""
    focus_areas: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)] = []
    """What to look for, in words that the pattern-miner knows; empty: everything."""


class MinerFigures(Part):
    """What the miner says that it looked at."""

    files_analyzed: int
    patterns_found: int
    timestamp: str | None


class DeepAnalysis(Answer):
    """What the pattern-miner answered."""

    repository: str
    patterns: list[JsonValue]
    """As the miner words them; as far as 100 kB hold them."""
    extraction_opportunities: list[JsonValue]
    """As far as 100 kB hold them."""
    analysis_metadata: MinerFigures
    github_issue: str | None
    unverified: bool
    """Whether nothing but the miner's word speaks for this: always, until it reads what it tells of."""
    note: str
    """Why."""
    seen_here: list[str]
    """Those of its patterns that stand in the repository by the lines that we read, by name."""


def trigger_deep_analysis(asked: TriggerDeepAnalysis, knowledge: Reading, world: World) -> DeepAnalysis:
    """Ask the pattern-miner; raise CannotAnswer with the remedy where that gives no answer."""
    page = known_repository(asked.repository, knowledge)
    if world.agents.pattern_miner is None:
        why = f"{pattern_miner.NAME} is not configured: set {pattern_miner.URL} to its address"
        raise CannotAnswer(why, status=HTTPStatus.SERVICE_UNAVAILABLE, agent=pattern_miner.NAME)
    world.progress(f"asking the {pattern_miner.NAME}")
    found = _analysis(world.agents.pattern_miner, page.repository_name, asked.focus_areas)
    figures = found.analysis_metadata
    return DeepAnalysis(
        repository=knowledge.name(page),
        patterns=fitting(found.patterns, most_bytes=_BYTES),
        extraction_opportunities=fitting(found.extraction_opportunities, most_bytes=_BYTES),
        analysis_metadata=MinerFigures(**dict(figures)),
        github_issue=found.github_issue,
        unverified=True,
        note=_NOTE,
        seen_here=_seen_here(found.patterns, page, knowledge),
    )


def _analysis(miner: PatternMiner, repository: str, areas: Sequence[str]) -> RepositoryAnalysis:
    try:
        found = miner.analyze_repository(repository, focus_areas=areas)
    except AgentFailed as failed:
        raise CannotAnswer(
            printable(str(failed)), status=HTTPStatus.BAD_GATEWAY, agent=failed.agent, remedy=failed.remedy
        ) from failed
    if found.repository.lower() != repository.lower():
        why = f"{pattern_miner.NAME} answered about another repository: {printable(found.repository[:100])}"
        raise CannotAnswer(why, status=HTTPStatus.BAD_GATEWAY, agent=pattern_miner.NAME)
    return found


def _seen_here(patterns: Iterable[JsonValue], page: Projection, knowledge: Reading) -> list[str]:
    words = (one.get("name") if isinstance(one, dict) else one for one in patterns)
    meant = {id_ for word in words if isinstance(word, str) for id_ in knowledge.patterns_meant(word)}
    return sorted(page.standing_patterns[id_].name for id_ in meant & page.standing_patterns.keys())


SKILL = AskingSkill(
    id="trigger_deep_analysis",
    name="Trigger Deep Analysis",
    description="Let the pattern-miner look at a repository, and tell which of what it says our own reading"
    " shows as well.",
    tags=("patterns", "analysis", "agents"),
    input=TriggerDeepAnalysis,
    output=DeepAnalysis,
    run=trigger_deep_analysis,
    example=TriggerDeepAnalysis(repository="acme/api", focus_areas=["resilience"]),
    is_for_writers=True,
)
