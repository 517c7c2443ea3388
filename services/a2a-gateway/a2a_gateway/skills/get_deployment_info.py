"""`get_deployment_info`: all that is known of how one repository is deployed, and of who depends on it."""

from collections.abc import Sequence

from a2a_gateway.answer import Answer, Part, Question
from a2a_gateway.fitting import fitting
from a2a_gateway.knowledge.dependents import KnownDependent, known_dependents
from a2a_gateway.knowledge.nearest import unknown_repository
from a2a_gateway.knowledge.past_analyses import PastAnalysis, past_analyses
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.knowledge.relationship_terms import DependentRepository, dependent_repository
from a2a_gateway.skill import ReadingSkill
from devnexus.knowledge.projection import Projection
from devnexus.schema_v2 import DependencyInfo, DeploymentInfo, Lesson, SecurityInfo, TestingInfo
from devnexus.timestamps import Timestamp

_DEPENDENTS_SHOWN = 200
_PACKAGES_SHOWN = 1000
_LIST_BYTES = 100_000


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
    """`<ecosystem>:<name>` of what others can ask for."""
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
    as far as 100 kB hold them."""
    consumer_count: int
    derivatives: list[DependentRepository]
    """Who was made from it; at most 200, and as far as 100 kB hold them."""
    derivative_count: int
    external_dependencies: list[str]
    """The packages that it asks for, at most 1,000."""
    metadata: RepositoryFacts
    lessons_learned: list[Lesson] | None = None
    """The newest last, as far as 100 kB hold them; null where they were not asked for."""
    lesson_count: int
    """How many are known."""
    history: list[PastAnalysis] | None = None
    """The last 10 pushes and snapshots, oldest first; null where they were not asked for."""


def get_deployment_info(asked: GetDeploymentInfo, knowledge: Reading) -> DeploymentKnown:
    """Tell all that is known of one repository; raise CannotAnswer with the nearest names where it is not."""
    page = knowledge.named(asked.repository)
    if page is None:
        raise unknown_repository(asked.repository, knowledge)
    known = known_dependents(page, knowledge)
    consumers = [one for one in known if one.relationship == "consumer"]
    derivatives = [one for one in known if one.relationship == "derivative"]
    shown, copied = _shown(consumers), _shown(derivatives)
    lessons = _lessons(page) if asked.include_lessons else []
    return DeploymentKnown(
        repository=knowledge.name(page),
        deployment=_deployment(page, lessons),
        dependencies=_dependencies(page, consumers[: len(shown)], derivatives[: len(copied)]),
        testing=page.testing,
        security=page.security,
        latest_patterns=_latest(page),
        consumers=shown,
        consumer_count=len(consumers),
        derivatives=copied,
        derivative_count=len(derivatives),
        external_dependencies=list(page.dependencies.external_dependencies[:_PACKAGES_SHOWN]),
        metadata=_facts(page),
        lessons_learned=lessons if asked.include_lessons else None,
        lesson_count=len(page.deployment.lessons_learned),
        history=list(past_analyses(page, knowledge)) if asked.include_history else None,
    )


def _lessons(page: Projection) -> list[Lesson]:
    """The newest ones, as far as they fit, the newest last."""
    newest_first = page.deployment.lessons_learned[::-1]
    return fitting(newest_first, most_bytes=_LIST_BYTES)[::-1]


def _deployment(page: Projection, lessons: Sequence[Lesson]) -> Deployment:
    # made without a look at each part: they were read as what they are
    known = {name: value for name, value in page.deployment if not name.startswith("_")}
    told = {"lessons_learned": tuple(lessons), "patterns": page.latest_patterns.patterns}
    return Deployment.model_construct(**{**known, **told})


def _dependencies(
    page: Projection, consumers: Sequence[KnownDependent], derivatives: Sequence[KnownDependent]
) -> DependencyInfo:
    return page.dependencies.model_copy(
        update={
            "consumers": tuple(one.said for one in consumers),
            "derivatives": tuple(one.said for one in derivatives),
            "external_dependencies": page.dependencies.external_dependencies[:_PACKAGES_SHOWN],
        }
    )


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
            f"{one.ecosystem}:{one.name}" for one in page.published_packages[:_PACKAGES_SHOWN]
        ],
        last_updated=page.last_updated,
    )


def _shown(known: Sequence[KnownDependent]) -> list[DependentRepository]:
    return fitting(map(dependent_repository, known[:_DEPENDENTS_SHOWN]), most_bytes=_LIST_BYTES)


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
