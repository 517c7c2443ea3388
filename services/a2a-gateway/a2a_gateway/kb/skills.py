"""What the routes of old tell and take, each as a skill that is called by its route alone."""

from typing import Annotated

from pydantic import AfterValidator, Field

from a2a_gateway.answer import Answer, Message, Question
from a2a_gateway.knowledge.nearest import UnknownRepository, known_repository
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.knowledge.shown_deployment import shown_deployment
from a2a_gateway.registry import Skills
from a2a_gateway.skill import ReadingSkill, WritingSkill
from a2a_gateway.writes.report import Origin, Report, WrittenAnswer
from a2a_gateway.writes.said import Line, Words, at_most, filled
from a2a_gateway.writes.subject import subject
from devnexus.events import LessonLearned, Record
from devnexus.schema_v2 import DeploymentScript, Lesson, PatternEntry, ReusableComponent
from devnexus.timestamps import Timestamp

_LESSONS_SHOWN = 50
MOST_REPOSITORIES = 20


class AboutRepository(Question):
    """Which repository is meant."""

    repository: str


class DeploymentOfOld(Answer):
    """How a repository is deployed."""

    repository: str
    platform: str | None
    """What builds and deploys it, else the platform of its first script."""
    lessons_learned: list[Lesson]
    """The last 50, the newest last."""
    reusable_components: list[ReusableComponent]
    scripts: list[DeploymentScript]
    infrastructure: dict[str, str]
    deployment_frequency: str | None
    last_deployed: Timestamp | None


class PatternsOfOld(Answer):
    """What a repository does and is about now: schema v2's PatternEntry."""

    repository: str
    patterns: list[str]
    unverified_patterns: list[str]
    """Those of `patterns` that an import names and no line of code shows."""
    decisions: list[str]
    reusable_components: list[ReusableComponent]
    dependencies: list[str]
    problem_domain: str
    keywords: list[str]
    analyzed_at: Timestamp
    commit_sha: str


class ObservedPattern(Message):
    """The pattern-miner's word that repositories do something alike."""

    pattern_type: Annotated[Line, AfterValidator(filled)]
    repos: Annotated[
        tuple[Line, ...], Field(min_length=1, max_length=MOST_REPOSITORIES), at_most(MOST_REPOSITORIES)
    ]
    """`<owner>/<name>` of each, at most 20."""
    similarity_score: Annotated[float, Field(ge=0, le=1)]
    description: Words = ""
    timestamp: Line = ""
    """When it was seen. Sent again with everything the same, it is recorded once."""


class ObservedHere(ObservedPattern):
    """The same for one of the repositories."""

    repository: Line


def deployment_of_old(asked: AboutRepository, knowledge: Reading) -> DeploymentOfOld:
    """Tell how the repository is deployed."""
    page = known_repository(asked.repository, knowledge)
    told = shown_deployment(page)
    platforms = [told.ci_cd_platform, *(script.platform for script in told.scripts)]
    return DeploymentOfOld(
        repository=knowledge.name(page),
        platform=next(filter(None, platforms), None),
        lessons_learned=list(told.lessons_learned[-_LESSONS_SHOWN:]),
        reusable_components=[*told.reusable_components, *page.latest_patterns.reusable_components],
        scripts=list(told.scripts),
        infrastructure=told.infrastructure,
        deployment_frequency=told.deployment_frequency,
        last_deployed=told.last_deployed,
    )


def patterns_of_old(asked: AboutRepository, knowledge: Reading) -> PatternsOfOld:
    """Tell what the repository does."""
    page = known_repository(asked.repository, knowledge)
    latest: PatternEntry = page.latest_patterns
    return PatternsOfOld(
        repository=knowledge.name(page),
        patterns=list(latest.patterns),
        unverified_patterns=list(page.unverified_patterns),
        decisions=list(latest.decisions),
        reusable_components=list(latest.reusable_components),
        dependencies=list(latest.dependencies),
        problem_domain=latest.problem_domain,
        keywords=list(latest.keywords),
        analyzed_at=latest.analyzed_at,
        commit_sha=latest.commit_sha,
    )


def observe_pattern(told: ObservedHere, knowledge: Reading) -> Report[WrittenAnswer]:
    """Record it as a lesson: what stands as a pattern is read from code, and this is somebody's word.

    Raises UnknownRepository where there is none of that name to tell it of.
    """
    about = subject(told.repository, knowledge)
    if not about.is_shown:
        raise UnknownRepository(told.repository, knowledge)
    context = _context(told, knowledge)

    def event(origin: Origin) -> Record:
        return LessonLearned(
            **origin.of(about.repository),
            category="pattern_observed",
            lesson=f"{told.pattern_type}: {told.description}" if told.description else told.pattern_type,
            context=context,
            tags=("unverified", told.pattern_type),
        )

    return Report(f"a lesson on {told.pattern_type} for {about.name}", event, lambda record: WrittenAnswer())


def _context(told: ObservedHere, knowledge: Reading) -> str:
    """Where else, naming none that not everybody may see who sees this one."""
    pages = [knowledge.named(name) for name in dict.fromkeys(told.repos)]
    named = [knowledge.name(page) for page in pages if page and page.visibility == "public"]
    where = f": {', '.join(sorted(named))}" if named else ""
    seen = f", seen at {told.timestamp}" if told.timestamp else ""
    return f"Similarity {told.similarity_score:g} between {len(pages)} repositories{where}{seen}"


_EXAMPLE = AboutRepository(repository="acme/api")

DEPLOYMENT = ReadingSkill(
    id="kb_deployment",
    name="Deployment",
    description="Tell how a repository is deployed, as the dependency-orchestrator asks for it.",
    tags=(),
    input=AboutRepository,
    output=DeploymentOfOld,
    run=deployment_of_old,
    example=_EXAMPLE,
)
PATTERNS = ReadingSkill(
    id="kb_patterns",
    name="Patterns",
    description="Tell what a repository does and is about.",
    tags=(),
    input=AboutRepository,
    output=PatternsOfOld,
    run=patterns_of_old,
    example=_EXAMPLE,
)
OBSERVE = WritingSkill(
    id="kb_observe_pattern",
    name="Observe Pattern",
    description="Record that somebody sees repositories do something alike.",
    tags=(),
    input=ObservedHere,
    output=WrittenAnswer,
    run=observe_pattern,
    example=ObservedHere(
        pattern_type="api_client", repos=("acme/api",), similarity_score=0.8, repository="acme/api"
    ),
)
KB_SKILLS: Skills = {skill.id: skill for skill in (DEPLOYMENT, PATTERNS, OBSERVE)}
