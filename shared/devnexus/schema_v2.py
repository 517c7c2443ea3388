"""Schema v2: the models of the original's knowledge base, field by field, and the two that it lost.

After `notes` on the original system: names, types and defaults are its own. Fields that it does not know
are kept; its enumerations were comments only, so any text is read. A naive time is UTC.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from devnexus.timestamps import Timestamp

SCHEMA_VERSION: Literal["2.0"] = "2.0"
"""Stays exactly this: the original erases files of any other version when it migrates them."""


class Model(BaseModel):
    """A frozen part of a v2 file that keeps what it does not know."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)


class ReusableComponent(Model):
    """Code that others could use, as the original's analysis named it."""

    name: str
    description: str
    language: str
    files: tuple[str, ...]
    api_contract: str | None = None
    usage_example: str | None = None
    tags: tuple[str, ...] = ()


class PatternEntry(Model):
    """One analysis of one commit."""

    patterns: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    reusable_components: tuple[ReusableComponent, ...] = ()
    dependencies: tuple[str, ...] = ()
    problem_domain: str
    keywords: tuple[str, ...] = ()
    analyzed_at: Timestamp
    commit_sha: str
    commit_message: str | None = None
    author: str | None = None


def is_failed(entry: Mapping[str, Any]) -> bool:
    """Whether this PatternEntry tells of an analysis that failed: it knows nothing, and must replace nothing.

    v1 left an `error` in it, v2 a problem domain that begins with "Error during analysis".
    """
    return bool(entry.get("error")) or str(entry.get("problem_domain")).startswith("Error during analysis")


class DeploymentScript(Model):
    """A script that deploys."""

    name: str
    description: str
    script_path: str
    platform: str
    triggers: tuple[str, ...] = ()
    runtime: str | None = None


class Lesson(Model):
    """v2's LessonLearned."""

    timestamp: Timestamp
    category: str
    lesson: str
    context: str
    severity: str
    recorded_by: str | None = None
    related_files: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    source_commit: str | None = None
    """The commit that it was learned from. v2 has neither this nor the next."""
    confidence: float | None = None


class DeploymentInfo(Model):
    """How a repository is deployed, and what was learned about it."""

    scripts: tuple[DeploymentScript, ...] = ()
    lessons_learned: tuple[Lesson, ...] = ()
    reusable_components: tuple[ReusableComponent, ...] = ()
    ci_cd_platform: str | None = None
    infrastructure: dict[str, str] = {}
    deployment_frequency: str | None = None
    last_deployed: Timestamp | None = None


class DependencyRelationship(Model):
    """How another repository depends on this one."""

    target_repo: str
    relationship_type: str
    dependency_strength: str
    sync_strategy: str | None = None
    notes: str | None = None
    last_synced: Timestamp | None = None


class DependencyInfo(Model):
    """Who depends on this repository, and on what it depends itself."""

    consumers: tuple[DependencyRelationship, ...] = ()
    derivatives: tuple[DependencyRelationship, ...] = ()
    external_dependencies: tuple[str, ...] = ()
    dependency_update_strategy: str | None = None


class TestingInfo(Model):
    """How a repository is tested."""

    __test__ = False  # no test, whatever pytest makes of its name

    test_frameworks: tuple[str, ...] = ()
    test_patterns: tuple[str, ...] = ()
    coverage_percentage: float | None = None
    ci_status: str | None = None
    test_count: int | None = None
    last_test_run: Timestamp | None = None


class SecurityInfo(Model):
    """How a repository is kept secure."""

    vulnerability_scan_date: Timestamp | None = None
    security_patterns: tuple[str, ...] = ()
    authentication_methods: tuple[str, ...] = ()
    compliance_standards: tuple[str, ...] = ()
    known_vulnerabilities: tuple[str, ...] = ()
    security_score: float | None = None


class Component(Model):
    """A piece of code with a name."""

    component_id: str
    name: str
    component_type: str
    repository: str
    language: str
    files: tuple[str, ...]
    api_signature: str | None = None
    imports: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    description: str | None = None
    lines_of_code: int = 0
    cyclomatic_complexity: float | None = None
    public_methods: tuple[str, ...] = ()
    first_seen: Timestamp
    derived_from: str | None = None
    sync_status: str = "unknown"


class RuntimeIssue(Model):
    """Something that went wrong in production; the original's design names it, its model forgot it."""

    issue_id: str
    detected_at: Timestamp
    issue_type: str
    severity: str
    service_type: str
    logs: str | None = None
    root_cause: str | None = None
    suggested_fix: str | None = None
    pattern_reference: str | None = None
    github_issue: str | None = None
    status: str = "open"
    metrics: dict[str, Any] | None = None
    resolution_time: Any = None


class RepositoryMetadata(Model):
    """All that is known of one repository."""

    latest_patterns: PatternEntry
    deployment: DeploymentInfo = DeploymentInfo()
    dependencies: DependencyInfo = DependencyInfo()
    testing: TestingInfo = TestingInfo()
    security: SecurityInfo = SecurityInfo()
    history: tuple[PatternEntry, ...] = ()
    """Oldest first."""
    components: tuple[Component, ...] = ()
    repository_url: str | None = None
    primary_language: str | None = None
    created_at: Timestamp | None = None
    last_updated: Timestamp
    runtime_issues: tuple[RuntimeIssue, ...] = ()
    production_metrics: dict[str, Any] = {}


class ComponentLocation(Model):
    """Where a component stands, besides where it came from."""

    repository: str
    files: tuple[str, ...]
    sync_status: str
    similarity_to_canonical: float | None = None
    differences: tuple[Any, ...] = ()
    usage_count: int = 0
    consumers: tuple[str, ...] = ()


class ComponentProvenance(Model):
    """Where a component came from, and where it went."""

    component_id: str
    component_name: str
    component_type: str
    origin_repository: str
    first_seen: Timestamp
    locations: tuple[ComponentLocation, ...] = ()
    canonical_repository: str | None = None
    canonical_score: float | None = None
    consolidation_status: str = "unconsolidated"
    consolidation_plan: dict[str, Any] | None = None


class ComponentVector(Model):
    """What the original knew of a component's embedding."""

    vector_id: str
    component_id: str
    vector_dimension: int
    last_updated: Timestamp
    vector_metadata: dict[str, str] = {}


class ConsolidationRecommendation(Model):
    """Advice to move a component to where it belongs."""

    recommendation_id: str
    timestamp: Timestamp
    component_id: str
    from_repository: str
    to_repository: str
    priority: str
    confidence: float
    reasoning: str
    estimated_effort_hours: str
    benefits: tuple[Any, ...] = ()
    risks: tuple[Any, ...] = ()
    status: str = "pending"
    related_recommendations: tuple[str, ...] = ()


class KnowledgeBaseV2(Model):
    """A whole file."""

    schema_version: Literal["2.0"] = SCHEMA_VERSION
    repositories: dict[str, RepositoryMetadata] = {}
    component_index: dict[str, ComponentProvenance] = {}
    consolidation_history: tuple[ConsolidationRecommendation, ...] = ()
    created_at: Timestamp
    last_updated: Timestamp
    metadata: dict[str, str] = {}


def holds(model: type[Model]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A check that leaves a dictionary as it is; ValueError, naming the field, where it is no `model`."""

    def check(content: dict[str, Any]) -> dict[str, Any]:
        try:
            model.model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
        return content

    return check
