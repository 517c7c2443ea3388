"""The plan as a page for people."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from deploy_plan.by_hand import after, before, left_off
from deploy_plan.callers import May, callers, common_rights, rights
from deploy_plan.costs import Cost, calls_a_month, floor, free_seconds_a_call, thousand_pushes, total
from deploy_plan.created import Created
from deploy_plan.prices import Prices
from deploy_plan.setup import Setup

WIDTH = 120
WORDS = dict(
    (
        ("google_cloud_run_v2_service", "services of Cloud Run"),
        ("google_cloud_run_v2_worker_pool", "worker pool of Cloud Run"),
        ("google_pubsub_topic", "topics"),
        ("google_pubsub_subscription", "subscriptions"),
        ("google_cloud_scheduler_job", "scheduled calls"),
        ("google_service_account", "accounts"),
        ("google_secret_manager_secret", "secrets"),
        ("google_logging_metric", "metrics from the log"),
        ("google_monitoring_alert_policy", "alerts"),
    )
)
"""Those that are named; of the rest it is said how many there are."""


def page(setup: Setup, made: Sequence[Created], prices: Prices) -> str:
    """The whole of it."""
    variables = setup.variables
    where = f"{variables.region}, {variables.second_region}" if variables.second_region else variables.region
    count = sum(len(one.names) for one in made)
    parts = [
        f"{setup.environment}: project {variables.project}, {where}; base {variables.knowledge}",
        "",
        f"Terraform would create {count} resources",
        *_created(made),
        "",
        "Who may call",
        *(_line(f"{one.who} → {one.whom}", one.how, 34) for one in callers(setup)),
        "",
        f"What each may do, and nothing else; all: {', '.join(common_rights(setup)) or 'nothing'}",
        *(_line(one.service, _rights(one), 18) for one in rights(setup)),
        "",
        "By hand, before",
        *_steps(before(setup)),
        "By hand, after",
        *_steps(after(setup)),
        "",
        f"Not there: {'; '.join(left_off(setup)) or 'nothing that could be'}",
        "",
        *_costs(setup, prices),
    ]
    return "\n".join(wrapped for part in parts for wrapped in _wrap(part)) + "\n"


def _created(made: Sequence[Created]) -> Iterator[str]:
    by_kind: dict[str, list[str]] = {}
    for one in made:
        by_kind.setdefault(one.kind, []).extend(one.names)
    for kind, words in WORDS.items():
        names = by_kind.pop(kind, [])
        if names:
            told = sorted(name for name in names if not name.endswith("-dead"))
            dead = ", and the dead letters of each subscription" if len(told) < len(names) else ""
            listed = "docs/metrics.md" if kind == "google_logging_metric" else ", ".join(told) + dead
            yield _line(f"{len(names)} {words}", listed, 32)
    roles = sum(len(by_kind.pop(kind)) for kind in [*by_kind] if kind.endswith("_iam_member"))
    yield _line(f"{roles} roles", "each on one thing, where that can be; below", 32)
    rest = {kind.removeprefix("google_"): names for kind, names in sorted(by_kind.items()) if names}
    yield _line("besides", ", ".join(f"{kind} ({len(names)})" for kind, names in rest.items()), 32)


def _rights(may: May) -> str:
    return "; ".join([*may.roles, f"reads {', '.join(may.reads_secrets)}"])


def _costs(setup: Setup, prices: Prices) -> Iterator[str]:
    standing, pushes = floor(setup, prices), thousand_pushes(prices)
    yield f"A month without any traffic: ${total(standing):,.2f}, and what is not known"
    yield from (_cost(one) for one in standing)
    calls, seconds = calls_a_month(setup), free_seconds_a_call(setup, prices)
    yield _line(
        "calls by Scheduler", f"{calls:,}: free while they take less than {seconds:.1f} s on average", 44
    )
    yield f"1,000 pushes more, as if nothing were free any more: ${total(pushes):,.2f}, Claude apart"
    yield from (_cost(one) for one in pushes)
    yield (
        "List prices of us-central1, as if nothing else used what is free. Read on"
        f" {prices.read_on}, partly in older copies of Google's pages: infra/deploy_plan/prices.yaml names"
        f" page and date of each. Pushes: as the {prices.measured.pushes} of the demo were."
    )


def _cost(cost: Cost) -> str:
    return _line(cost.what, f"{_usd(cost.usd):>10}  {cost.how}", 44)


def _usd(usd: float | None) -> str:
    if usd is None:
        return "not known"
    return "< $0.01" if 0 < usd < 0.005 else f"${usd:,.2f}"


def _steps(steps: Iterable[str]) -> Iterator[str]:
    yield from (f"  {number}. {step}" for number, step in enumerate(steps, 1))


def _line(head: str, text: str, width: int) -> str:
    return f"  {head:<{width}} {text}"


def _wrap(line: str) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()) + 3)
    return textwrap.wrap(
        line, WIDTH, subsequent_indent=indent, break_on_hyphens=False, drop_whitespace=True
    ) or [""]
