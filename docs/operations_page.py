"""The generated part of docs/operations.md: tables of infra/services.yaml between what people wrote."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from devnexus.topology import load_topology

_START, _END = "<!-- services: generated -->\n", "<!-- services: end -->\n"

Plan = dict[str, Any]
"""A part of services.yaml."""


def operations_page(page: Path, services: Path) -> str:
    """The text of `page` with the tables of `services` between its marks; ValueError without marks."""
    before, start, rest = page.read_text(encoding="utf-8").partition(_START)
    _, end, after = rest.partition(_END)
    if not start or not end:
        raise ValueError(f"{page} has not the marks {_START.strip()} and {_END.strip()}")
    plan: Plan = yaml.safe_load(services.read_text(encoding="utf-8"))
    tables = "\n".join(["", *_what_runs(plan["services"]), "", *_what_it_may(plan), ""])
    return f"{before}{start}{tables}\n{end}{after}"


def _what_runs(services: Plan) -> list[str]:
    heads = ["service", "runs as", "each instance", "instances", "answers within", "called by"]
    return _table(heads, [[name, *_runs(name, plan)] for name, plan in services.items()])


def _runs(name: str, plan: Plan) -> list[str]:
    least, most = plan["instances"]
    return [
        plan["runs_as"].replace("-", " "),
        f"{plan['cpu']} vCPU, {plan['memory']}"
        + (f", {plan['concurrency']} requests at once" if "concurrency" in plan else ""),
        str(least) if least == most else f"{least} to {most}",
        f"{plan['timeout_seconds']} s" if "timeout_seconds" in plan else "",
        ", ".join(_callers(name, plan)) or "nobody: it pulls",
    ]


def _callers(name: str, plan: Plan) -> Iterator[str]:
    if "open" in plan:
        yield "the internet"
    if pushed := [f"`{one.name}`" for one in load_topology().subscriptions if one.push == name]:
        yield f"Pub/Sub ({', '.join(pushed)})"
    yield from (f"Scheduler (`{call['path']}`, `{call['schedule']}`)" for call in plan.get("scheduled", ()))


def _what_it_may(plan: Plan) -> list[str]:
    rows = [_grant(name, grant) for name, one in plan["services"].items() for grant in one["roles"]]
    rows += [_grant("each", grant) for grant in plan["roles"]]
    rows += [_secrets(name, one) for name, one in plan["services"].items()]
    return _table(["account of", "role", "on", "for"], rows)


def _grant(name: str, grant: Plan) -> list[str]:
    target = grant["target"]
    on = f"the {target}" if isinstance(target, str) else " ".join(f"{k} `{v}`" for k, v in target.items())
    return [name, f"`{grant['role']}`", on, grant["why"]]


def _secrets(name: str, plan: Plan) -> list[str]:
    secrets = sorted({*plan["secrets"].values(), *plan.get("files", {}).values()})
    more = ["those that its routes name"] if "more_secrets" in plan else []
    on = ", ".join([*(f"`{secret}`" for secret in secrets), *more])
    return [name, "`roles/secretmanager.secretAccessor`", on, "its secrets, each by itself"]


def _table(heads: list[str], rows: list[list[str]]) -> list[str]:
    rule = "|" + "---|" * len(heads)
    return [f"| {' | '.join(heads)} |", rule, *(f"| {' | '.join(row)} |" for row in rows)]
