"""Issues from production, as pages of repositories hold them."""

from datetime import UTC, datetime, timedelta

from devnexus.schema_v2 import RuntimeIssue


def issue(days_ago: float = 1.0, *, now: datetime | None = None, **changes: object) -> RuntimeIssue:
    """One that names retries, detected some days before `now`."""
    values = {
        "issue_id": f"i{days_ago:g}",
        "detected_at": (now or datetime.now(UTC)) - timedelta(days=days_ago),
        "issue_type": "timeout",
        "severity": "high",
        "service_type": "cloud_run",
        "logs": "deadline exceeded",
        "pattern_reference": "Retry backoff",
        **changes,
    }
    return RuntimeIssue(**values)  # type: ignore[arg-type]


def had(world, name: str, *issues: RuntimeIssue, **fields: object) -> None:
    """Let a repository of the world have these issues."""
    world.put(world.reading().named(name).model_copy(update={"runtime_issues": issues, **fields}))
    world.now += 10
