"""`get_deployment_info`: all that is known of how one repository is deployed, and of who depends on it."""

from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel

from a2a_gateway.answer import Answer, Part, Question
from a2a_gateway.fitting import fitting, fitting_section
from a2a_gateway.knowledge.dependents import KnownDependent, known_dependents
from a2a_gateway.knowledge.nearest import known_repository
from a2a_gateway.knowledge.past_analyses import PastAnalysis, past_analyses
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.knowledge.relationship_terms import DependentRepository, dependent_repository
from a2a_gateway.knowledge.shown_deployment import shown_deployment, shown_lessons
from a2a_gateway.skill import ReadingSkill
from devnexus.knowledge.projection import Projection
from devnexus.schema_v2 import DependencyInfo, DeploymentInfo, Lesson, SecurityInfo, TestingInfo
from devnexus.timestamps import Timestamp

M = TypeVar("M", bound=BaseModel)

_DEPENDENTS_SHOWN = 200
_PUBLISHED_SHOWN = 100
_CONSUMER_BYTES = 80_000
_LIST_BYTES = 20_000
_DEPENDENCIES_BYTES = 30_000
_SECTION_BYTES = 10_000
"""Much stands under two names, for callers of two kinds: together it is less than 300 kB."""


class GetDeploymentInfo(Question):
    """Which repository, and how much of it."""

    repository: str
    """`<owner>/<name>`, whatever its case."""
    include_lessons: bool = True
    """Whether to tell what was learned."""
    include_history: bool = False
    """Whether to tell of the last 10 pushes and snapshots."""


class Deployment(DeploymentInfo):
    """Schema v2's section of that name; without lessons where these were not asked for."""

    patterns: tuple[str, ...] = ()
    """The names of the repository's patterns, where log-attacker looks for them."""


class LatestPatterns(Part):
    """What the repository does and is about now."""

    patterns: list[str]
    problem_domain: str
    keywords: list[str]
    analyzed_at: Timestamp
    commit_sha: str


class RepositoryFacts(Part):
    """What else is known of the repository."""

    repository_id: str
    url: str | None
    default_branch: str
    visibility: str
    archived: bool
    description: str | None
    primary_language: str | None
    languages: dict[str, int]
    """Language → number of files."""
    published_packages: list[str]
    """`<ecosystem>:<name>` of what others can ask for, at most 100."""
    last_updated: Timestamp


class DeploymentKnown(Answer):
    """All of it. Lists are empty where nothing of the kind is known; an unknown repository is a 404."""

    repository: str
    deployment: Deployment
    dependencies: DependencyInfo
    """Schema v2's section: `consumers` with those that manifests show."""
    testing: TestingInfo
    security: SecurityInfo
    latest_patterns: LatestPatterns
    consumers: list[DependentRepository]
    """Who uses what it publishes: those that manifests show, then those that were declared; at most 200, and
    as far as 80 kB hold them."""
    consumer_count: int
    derivatives: list[DependentRepository]
    """Who was made from it; at most 200, and as far as 20 kB hold them."""
    derivative_count: int
    external_dependencies: list[str]
    """The packages that it asks for, as far as 20 kB hold them."""
    external_dependency_count: int
    metadata: RepositoryFacts
    lessons_learned: list[Lesson] | None = None
    """The newest last, as far as 30 kB hold them; null where they were not asked for."""
    lesson_count: int
    """How many are known."""
    history: list[PastAnalysis] | None = None
    """The last 10 pushes and snapshots, oldest first, as far as 20 kB hold them; null where they were not
    asked for."""
    shortened: list[str]
    """Which of `deployment`, `dependencies`, `testing`, `security` and `latest_patterns` are so long that
    parts of them are left out."""


def get_deployment_info(asked: GetDeploymentInfo, knowledge: Reading) -> DeploymentKnown:
    """Tell all that is known of one repository; raise CannotAnswer with the nearest names where it is not."""
    page = known_repository(asked.repository, knowledge)
    known = known_dependents(page, knowledge)
    consumers = [one for one in known if one.relationship == "consumer"]
    derivatives = [one for one in known if one.relationship == "derivative"]
    shown, copied = _shown(consumers, _CONSUMER_BYTES), _shown(derivatives, _LIST_BYTES)
    packages = page.dependencies.external_dependencies
    dependencies, whole = _dependencies(page, consumers, derivatives), _latest(page)
    told = fitting_section(dependencies, most_bytes=_DEPENDENCIES_BYTES)
    testing, security, latest = _section(page.testing), _section(page.security), _section(whole)
    return DeploymentKnown(
        repository=knowledge.name(page),
        deployment=_deployment(page, asked.include_lessons),
        dependencies=told,
        testing=testing,
        security=security,
        latest_patterns=latest,
        consumers=shown,
        consumer_count=len(consumers),
        derivatives=copied,
        derivative_count=len(derivatives),
        external_dependencies=fitting(packages, most_bytes=_LIST_BYTES),
        external_dependency_count=len(packages),
        metadata=_facts(page),
        lessons_learned=shown_lessons(page) if asked.include_lessons else None,
        lesson_count=len(page.deployment.lessons_learned),
        history=_history(page, knowledge) if asked.include_history else None,
        shortened=_shortened(
            deployment=shown_deployment(page) is page.deployment,
            dependencies=told is dependencies,
            testing=testing is page.testing,
            security=security is page.security,
            latest_patterns=latest is whole,
        ),
    )


def _shortened(**is_whole: bool) -> list[str]:
    return [name for name, whole in is_whole.items() if not whole]


def _section(section: M) -> M:
    return fitting_section(section, most_bytes=_SECTION_BYTES)


def _deployment(page: Projection, with_lessons: bool) -> Deployment:
    # made without a look at each part: they were read as what they are
    known = dict(shown_deployment(page))
    told = {} if with_lessons else {"lessons_learned": ()}
    return Deployment.model_construct(**{**known, **told, "patterns": page.latest_patterns.patterns})


def _dependencies(
    page: Projection, consumers: Sequence[KnownDependent], derivatives: Sequence[KnownDependent]
) -> DependencyInfo:
    return page.dependencies.model_copy(
        update={
            "consumers": tuple(one.said for one in consumers),
            "derivatives": tuple(one.said for one in derivatives),
        }
    )


def _history(page: Projection, knowledge: Reading) -> list[PastAnalysis]:
    """The newest ones, as far as they fit, the newest last."""
    return fitting(past_analyses(page, knowledge)[::-1], most_bytes=_LIST_BYTES)[::-1]


def _latest(page: Projection) -> LatestPatterns:
    latest = page.latest_patterns
    return LatestPatterns(
        patterns=list(latest.patterns),
        problem_domain=latest.problem_domain,
        keywords=list(latest.keywords),
        analyzed_at=latest.analyzed_at,
        commit_sha=latest.commit_sha,
    )


def _facts(page: Projection) -> RepositoryFacts:
    return RepositoryFacts(
        repository_id=page.repository_id,
        url=page.repository_url,
        default_branch=page.default_branch,
        visibility=page.visibility,
        archived=page.archived,
        description=page.description,
        primary_language=page.primary_language,
        languages=page.languages,
        published_packages=[
            f"{one.ecosystem}:{one.name}" for one in page.published_packages[:_PUBLISHED_SHOWN]
        ],
        last_updated=page.last_updated,
    )


def _shown(known: Sequence[KnownDependent], most_bytes: int) -> list[DependentRepository]:
    return fitting(map(dependent_repository, known[:_DEPENDENTS_SHOWN]), most_bytes=most_bytes)


SKILL = ReadingSkill(
    id="get_deployment_info",
    name="Get Deployment Information",
    description="Tell how a repository is deployed, tested and secured, what was learned about it,"
    " and who depends on it, with the lines of manifests that say so.",
    tags=("deployment", "infrastructure", "devops"),
    input=GetDeploymentInfo,
    output=DeploymentKnown,
    run=get_deployment_info,
    example=GetDeploymentInfo(repository="acme/api"),
)
