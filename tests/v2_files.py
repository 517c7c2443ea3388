"""Files shaped like those that the original wrote, as large as asked, the same for the same seed."""

import random
from datetime import datetime, timedelta
from typing import Any

_WORDS = (
    "retry", "queue", "outbox", "cache", "gateway", "billing", "webhook", "ledger", "circuit", "breaker",
    "naïve", "größe", "日本語", "🚀 launch", "quote \" and \\ slash", "line\nbreak", "tab\there", "\u2028",
)  # fmt: skip
_START = datetime(2025, 1, 6, 9, 30)


def v2_file(repositories: int, *, seed: int = 1, entries: int = 6) -> dict[str, Any]:
    """A knowledge base with all of v2's sections, about 1.2 KB an entry as the original's had."""
    dice = random.Random(seed)
    names = [f"acme{number % 7}/service-{number}" for number in range(repositories)]
    return {
        "schema_version": "2.0",
        "repositories": {name: _repository(dice, name, names, entries) for name in names},
        "component_index": {
            f"c{number}": _provenance(dice, number, names) for number in range(repositories // 2)
        },
        "consolidation_history": [_advice(dice, number, names) for number in range(repositories // 5)],
        "created_at": _date(dice),
        "last_updated": _date(dice, later=900),
        "metadata": {"migrated_from": "v1", "migration_date": _date(dice)},
    }


def _repository(dice: random.Random, name: str, names: list[str], entries: int) -> dict[str, Any]:
    history = [_entry(dice, day) for day in sorted(dice.sample(range(800), dice.randint(1, entries * 2 - 1)))]
    if dice.random() < 0.1:
        history.append(dict(history[-1]))  # the same commit analysed twice
    if dice.random() < 0.05:
        history.append(failed_entry(_date(dice)))
    content = {
        "latest_patterns": history[-1],
        "deployment": {
            "scripts": [
                {"name": "deploy", "description": _text(dice), "script_path": "deploy.sh", "platform": "gcp",
                 "triggers": _texts(dice), "runtime": None}
            ],
            "lessons_learned": [
                {"timestamp": _date(dice), "category": "cost", "lesson": _text(dice), "context": _text(dice),
                 "severity": "info", "recorded_by": None, "related_files": [], "tags": _texts(dice)}
                for _ in range(dice.randint(0, 3))
            ],
            "reusable_components": [],
            "ci_cd_platform": dice.choice([None, "github_actions"]),
            "infrastructure": {"db": "postgres"},
            "deployment_frequency": None,
            "last_deployed": dice.choice([None, _date(dice)]),
        },
        "dependencies": {
            "consumers": [
                {"target_repo": dice.choice(names), "relationship_type": "consumer",
                 "dependency_strength": "strong", "sync_strategy": None, "notes": None, "last_synced": None}
                for _ in range(dice.randint(0, 2))
            ],
            "derivatives": [],
            "external_dependencies": _texts(dice),
            "dependency_update_strategy": None,
        },
        "testing": {"test_frameworks": ["pytest"], "test_patterns": [], "coverage_percentage": 87.25,
                    "ci_status": "passing", "test_count": dice.randint(0, 900), "last_test_run": None},
        "security": {"vulnerability_scan_date": None, "security_patterns": _texts(dice),
                     "authentication_methods": [], "compliance_standards": [], "known_vulnerabilities": [],
                     "security_score": dice.choice([None, 71.5])},
        "history": history,
        "components": [_component(dice, name, number) for number in range(dice.randint(0, 2))],
        "repository_url": f"https://github.com/{name}",
        "primary_language": dice.choice([None, "python"]),
        "created_at": dice.choice([None, _date(dice)]),
        "last_updated": _date(dice, later=850),
    }  # fmt: skip
    if dice.random() < 0.3:
        content["runtime_issues"] = [_issue(dice, number) for number in range(dice.randint(1, 3))]
        content["production_metrics"] = {"error_rate": 0.015, "latency_p95": 412, "last_updated": _date(dice)}
    if dice.random() < 0.2:
        content["team"] = {"owner": _text(dice), "on_call": [1, 2.5, None, True]}
    return content


def _entry(dice: random.Random, day: int) -> dict[str, Any]:
    entry = {
        "patterns": _texts(dice),
        "decisions": [" ".join(_text(dice) for _ in range(12)) for _ in range(3)],
        "reusable_components": [
            {"name": _text(dice), "description": _text(dice), "language": "python",
             "files": [f"src/{dice.randint(1, 99)}.py"], "api_contract": None, "usage_example": None,
             "tags": []}
        ],
        "dependencies": _texts(dice),
        "problem_domain": " ".join(_text(dice) for _ in range(8)),
        "keywords": _texts(dice),
        "analyzed_at": (_START + timedelta(days=day, microseconds=dice.randint(0, 999_999))).isoformat(),
        "commit_sha": f"{dice.getrandbits(160):040x}",
        "commit_message": _text(dice),
        "author": dice.choice([None, "Ada"]),
    }  # fmt: skip
    return entry | ({"confidence": 0.5} if dice.random() < 0.1 else {})


def failed_entry(analyzed_at: str) -> dict[str, Any]:
    """What the original wrote when the model did not answer."""
    return {
        "patterns": [], "decisions": [], "reusable_components": [], "dependencies": [], "keywords": [],
        "problem_domain": "Error during analysis: overloaded", "analyzed_at": analyzed_at,
        "commit_sha": "HEAD", "commit_message": None, "author": None,
    }  # fmt: skip


def _component(dice: random.Random, repository: str, number: int) -> dict[str, Any]:
    return {
        "component_id": f"{repository}:{number}", "name": _text(dice), "component_type": "api_client",
        "repository": repository, "language": "python", "files": ["a.py"], "api_signature": None,
        "imports": [], "keywords": _texts(dice), "description": None, "lines_of_code": 12,
        "cyclomatic_complexity": 1.5, "public_methods": [], "first_seen": _date(dice),
        "derived_from": None, "sync_status": "unknown",
    }  # fmt: skip


def _issue(dice: random.Random, number: int) -> dict[str, Any]:
    detected = _date(dice, later=number)
    return {
        "issue_id": detected, "detected_at": detected, "issue_type": "timeout", "severity": "high",
        "service_type": "cloud_run", "logs": _text(dice), "root_cause": None, "suggested_fix": None,
        "pattern_reference": None, "github_issue": None, "status": "open",
        "metrics": {"error_rate": 0.1, "pods": 3}, "resolution_time": None,
    }  # fmt: skip


def _provenance(dice: random.Random, number: int, names: list[str]) -> dict[str, Any]:
    return {
        "component_id": f"c{number}", "component_name": _text(dice), "component_type": "infrastructure",
        "origin_repository": dice.choice(names), "first_seen": _date(dice),
        "locations": [{"repository": dice.choice(names), "files": ["a.py"], "sync_status": "diverged",
                       "similarity_to_canonical": 0.75, "differences": ["x"], "usage_count": 1,
                       "consumers": []}],
        "canonical_repository": None, "canonical_score": None, "consolidation_status": "planned",
        "consolidation_plan": {"phase_1": {"name": "look"}},
    }  # fmt: skip


def _advice(dice: random.Random, number: int, names: list[str]) -> dict[str, Any]:
    return {
        "recommendation_id": f"{dice.getrandbits(32):08x}", "timestamp": _date(dice, later=number * 10),
        "component_id": f"c{number}", "from_repository": dice.choice(names),
        "to_repository": dice.choice(names), "priority": "HIGH", "confidence": 0.85, "reasoning": _text(dice),
        "estimated_effort_hours": "8-16", "benefits": _texts(dice), "risks": [], "status": "pending",
        "related_recommendations": [],
    }  # fmt: skip


def _date(dice: random.Random, *, later: int = 0) -> str:
    """As the original wrote them: without a zone mostly, with one after its migration."""
    moment = _START + timedelta(days=later, seconds=dice.randint(0, 60_000_000))
    return moment.isoformat() + dice.choice(["", "", ".250000", "Z", "+02:00"])


def _text(dice: random.Random) -> str:
    return " ".join(dice.choices(_WORDS, k=dice.randint(1, 4)))


def _texts(dice: random.Random) -> list[str]:
    return [_text(dice) for _ in range(dice.randint(0, 5))]
