"""How `devnexus costs` tells what it found."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from devnexus.people.organisation import ClaudeUse
from devnexus.timestamps import write
from devnexus_cli.figures import count, span
from extractor.claude.costs import Costs, Taken
from extractor.claude.prices import is_priced, priced_as

_FIGURES = ("CALLS", "IN BATCHES", "INPUT", "CACHE WRITE", "CACHE READ", "OUTPUT", "USD")


def costs_text(costs: Costs, limits: ClaudeUse | str) -> Iterator[str]:
    """Lines for people; not yet safe to print."""
    if costs.days:
        days = [((one.day, one.model), one.taken) for one in costs.days]
        yield from _table(("DAY", "MODEL"), [*days, (("total", ""), costs.total)])
        yield ""
        yield from _table(("DEAREST REPOSITORIES",), [((one.name,), one.taken) for one in costs.dearest])
    else:
        yield f"Claude was asked nothing since {costs.since}"
    yield ""
    yield from _today(costs, limits)
    yield _waiting(costs)
    if costs.lost_calls:
        lost = count(costs.lost_calls, "call was made whose", "calls were made whose")
        yield f"! {lost} outcome is not known: they may be paid for, and are not counted above"
    for model in unpriced(costs):
        yield f"! the price of {model} is not known here: counted as {priced_as(model)}, the dearest known"


def costs_facts(costs: Costs, limits: ClaudeUse | str) -> dict[str, Any]:
    """The same for programs, as JSON."""
    known = isinstance(limits, ClaudeUse)
    return {
        "since": costs.since,
        "days": [{"day": one.day, "model": one.model, **_facts(one.taken)} for one in costs.days],
        "dearest_repositories": [
            {"id": one.id, "name": one.name, **_facts(one.taken)} for one in costs.dearest
        ],
        "total": _facts(costs.total),
        "today": {
            "day": costs.today,
            "calls_used": costs.used_today,
            "calls_left": left(costs, limits) if isinstance(limits, ClaudeUse) else None,
            "calls_per_day": limits.calls_per_day if isinstance(limits, ClaudeUse) else None,
            "calls_per_repository": limits.calls_per_repository if isinstance(limits, ClaudeUse) else None,
            "limits_not_known": None if known else limits,
            "busiest_repository": costs.busiest_today and costs.busiest_today[0],
            "busiest_repository_calls": costs.busiest_today and costs.busiest_today[1],
        },
        "open_calls": costs.open_calls,
        "lost_calls": costs.lost_calls,
        "waiting": costs.waiting,
        "waiting_since": costs.waiting_since and write(costs.waiting_since),
        "unpriced_models": {model: priced_as(model) for model in unpriced(costs)},
    }


def left(costs: Costs, limits: ClaudeUse) -> int:
    """How many calls may still be made today; none where people have lowered the limit since."""
    return max(0, limits.calls_per_day - costs.used_today)


def unpriced(costs: Costs) -> list[str]:
    """The models whose price is not known."""
    return sorted({one.model for one in costs.days if not is_priced(one.model)})


def _today(costs: Costs, limits: ClaudeUse | str) -> Iterator[str]:
    if isinstance(limits, str):
        yield f"today (UTC): {count(costs.used_today, 'call')} used; how many may be is not known: {limits}"
    else:
        yield (
            f"today (UTC): {costs.used_today} of {count(limits.calls_per_day, 'call')} used, "
            f"{left(costs, limits)} left; at most {limits.calls_per_repository} for one repository"
        )
    if costs.busiest_today:
        name, calls = costs.busiest_today
        yield f"most of today's were about {name}: {calls}"


def _waiting(costs: Costs) -> str:
    if costs.waiting_since is None:
        return "nothing waits for Claude"
    since = span((datetime.now(UTC) - costs.waiting_since).total_seconds())
    waits = count(costs.waiting, "push or snapshot waits", "pushes and snapshots wait")
    return f"{waits} for Claude, the oldest for {since}"


def _table(titles: Sequence[str], rows: Sequence[tuple[Sequence[str], Taken]]) -> Iterator[str]:
    cells = [[*titles, *_FIGURES], *([*names, *_cells(taken)] for names, taken in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    for row in cells:
        words = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)][: len(titles)]
        figures = [f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)][len(titles) :]
        yield "  ".join([*words, *figures])


def _cells(taken: Taken) -> list[str]:
    usage = taken.usage
    tokens = (usage.input_tokens, usage.cache_write_tokens, usage.cache_read_tokens, usage.output_tokens)
    return [str(taken.calls), str(taken.in_batches), *(f"{one:,}" for one in tokens), f"{taken.cost_usd:.4f}"]


def _facts(taken: Taken) -> dict[str, Any]:
    return {
        "calls": taken.calls,
        "in_batches": taken.in_batches,
        **taken.usage.model_dump(),
        "cost_usd": taken.cost_usd,
    }
