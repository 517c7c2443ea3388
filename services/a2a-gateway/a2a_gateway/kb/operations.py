"""The routes of old, for the OpenAPI document."""

from http import HTTPStatus

from a2a_gateway.described.json_schema import stamped
from a2a_gateway.described.operation import READS, WRITES, Operation
from a2a_gateway.kb.observed import PatternNoted
from a2a_gateway.kb.skills import DeploymentOfOld, ObservedPattern, PatternsOfOld
from a2a_gateway.skills.add_lesson_learned import AddLessonLearned, LessonAdded
from a2a_gateway.skills.get_cross_repo_patterns import CrossRepoPatterns

_TAG = "knowledge"


class CrossRepoPatternsOfOld(CrossRepoPatterns):
    """The patterns of a kind."""

    pattern_type: str


KB_OPERATIONS = (
    Operation(
        id="kb_add_lesson",
        method="post",
        path="/api/kb/lessons-learned",
        summary="Add a lesson",
        description="The same as `add_lesson_learned`, as the dependency-orchestrator calls it.",
        tag=_TAG,
        takes=AddLessonLearned,
        tells={HTTPStatus.CREATED: stamped(LessonAdded)},
        refuses=WRITES,
        is_for_writers=True,
        example={
            "repo": "acme/api",
            "lesson": "The client in acme/web has to follow",
            "source_commit": "4f2a9c1",
            "confidence": 0.8,
            "category": "consumer_triage",
        },
    ),
    Operation(
        id="kb_observe_pattern",
        method="post",
        path="/api/kb/cross-repo-patterns",
        summary="Tell of a pattern",
        description="Takes the pattern-miner's word that repositories do something alike, as a lesson of each"
        " that is known.",
        tag=_TAG,
        takes=ObservedPattern,
        tells={HTTPStatus.CREATED: stamped(PatternNoted)},
        refuses=WRITES,
        is_for_writers=True,
        example={
            "pattern_type": "api_client",
            "repos": ["acme/api", "acme/billing"],
            "similarity_score": 0.82,
            "description": "Both wrap httpx",
            "timestamp": "2026-01-01T12:00:00",
        },
    ),
    Operation(
        id="kb_deployment",
        method="get",
        path="/api/kb/deployment/{owner}/{repo}",
        summary="Deployment of a repository",
        description="Tells how a repository is deployed, as the dependency-orchestrator asks for it.",
        tag=_TAG,
        tells={HTTPStatus.OK: stamped(DeploymentOfOld)},
        refuses=READS,
    ),
    Operation(
        id="kb_patterns",
        method="get",
        path="/api/kb/patterns/{owner}/{repo}",
        summary="Patterns of a repository",
        description="Tells what a repository does and is about.",
        tag=_TAG,
        tells={HTTPStatus.OK: stamped(PatternsOfOld)},
        refuses=READS,
    ),
    Operation(
        id="kb_cross_repo_patterns",
        method="get",
        path="/api/kb/cross-repo-patterns/{pattern_type}",
        summary="Patterns of a kind",
        description="The same as `get_cross_repo_patterns`; 404 where several repositories share none.",
        tag=_TAG,
        tells={HTTPStatus.OK: stamped(CrossRepoPatternsOfOld)},
        refuses=READS,
    ),
)
