"""No answer is longer than whoever asks can take in, however much there is."""

from datetime import UTC, datetime, timedelta

import pytest
from builders import component, known
from issues import issue

from devnexus.schema_v2 import (
    DependencyInfo,
    DependencyRelationship,
    DeploymentInfo,
    DeploymentScript,
    Lesson,
    ReusableComponent,
)

MOST_BYTES = 300_000
LONG = "ä" * 5_000
WORD = "ö" * 300
NAMES = [f"acme/{'r' * 90}{number}" for number in range(300)]
NOW = datetime.now(UTC)

ASKED = {
    "query_patterns": [
        {"patterns": ["retry-backoff"], "limit": 100},
        {"keywords": ["big"], "limit": 100},
        {"search": "big", "limit": 100},
    ],
    "get_cross_repo_patterns": [{"limit": 1000}],
    "get_repository_list": [{"limit": 1000}, {"limit": 1000, "include_metadata": False}],
    "get_deployment_info": [{"repository": NAMES[0], "include_history": True}],
    "find_similar_repositories": [{"repository": NAMES[0], "limit": 50}],
    "find_component": [{"limit": 100}],
    "get_pattern_health": [{"pattern_name": "retry-backoff"}],
    "get_pattern_history": [{"pattern_name": "retry-backoff", "limit": 20}],
    "query_known_issues": [{"limit": 1000}],
    "get_recent_actions": [{"limit": 100}],
    "list_decisions": [{"limit": 1000}],
    "coordinate_deployment": [{"repository": NAMES[0]}],
}


def test_what_is_cut_is_counted_or_named(crowded):
    told = crowded.execute("get_deployment_info", repository=NAMES[0], include_history=True).json()
    assert 0 < len(told["external_dependencies"]) < told["external_dependency_count"]
    assert len(told["consumers"]) < told["consumer_count"] == 300
    assert {"deployment", "dependencies", "latest_patterns"} <= set(told["shortened"])
    health = crowded.execute("get_pattern_health", pattern_name="retry-backoff").json()
    assert 0 < len(health["issues"]) < health["issue_count"]


def big(number):
    """A repository of which very much is known, in long words."""
    page = known(
        NAMES[number],
        number + 1,
        patterns=["retry-backoff", *(f"pattern-{one}" for one in range(150))],
        packages=[f"package-{'p' * 60}-{one}" for one in range(400)],
        components=[component(f"Component{one}", [WORD]) for one in range(40)],
    )
    latest = page.latest_patterns.model_copy(
        update={"problem_domain": LONG, "keywords": ("big", *(f"{WORD[:100]}{one}" for one in range(100)))}
    )
    return page.model_copy(
        update={
            "latest_patterns": latest,
            "deployment": deployment(),
            "dependencies": DependencyInfo(
                consumers=tuple(dependent(name) for name in NAMES),
                derivatives=tuple(dependent(name) for name in NAMES),
                external_dependencies=tuple(f"{WORD}{one}" for one in range(2000)),
            ),
            "runtime_issues": tuple(
                issue(
                    one / 10,
                    issue_id=f"{number}.{one}",
                    logs=LONG,
                    root_cause=LONG,
                    suggested_fix=LONG,
                    metrics={f"{WORD}{metric}": WORD for metric in range(50)},
                )
                for one in range(20)
            ),
        }
    )


def deployment():
    return DeploymentInfo(
        scripts=tuple(
            DeploymentScript(name=WORD, description=LONG, script_path=WORD, platform=WORD) for _ in range(50)
        ),
        reusable_components=tuple(
            ReusableComponent(name=WORD, description=LONG, language="x", files=(WORD,)) for _ in range(50)
        ),
        infrastructure={f"{WORD}{one}": LONG for one in range(50)},
        lessons_learned=tuple(
            Lesson(
                timestamp=NOW - timedelta(hours=one),
                category="cost",
                lesson=LONG,
                context=LONG,
                severity="info",
            )
            for one in range(50)
        ),
    )


def dependent(name):
    return DependencyRelationship(
        target_repo=name,
        relationship_type="consumer",
        dependency_strength="weak",
        notes=LONG,
        description=LONG,
        interface_files=[WORD] * 100,
    )


@pytest.fixture(scope="module")
def crowded(world_class, tmp_path_factory):
    world = world_class(tmp_path_factory.mktemp("crowded") / "knowledge.git")
    world.put(*(big(number) for number in range(12)))
    yield world
    world.store.close()


@pytest.mark.parametrize("skill_id", ASKED)
def test_an_answer_is_no_longer_than_300_kb(crowded, skill_id):
    for given in ASKED[skill_id]:
        answer = crowded.execute(skill_id, **given)
        assert answer.status_code == 200, answer.text[:500]
        assert len(answer.content) <= MOST_BYTES
