"""`python -m deploy_plan [ENVIRONMENT] [--json]`: what would be made, for whom, and for how much."""

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy_plan.by_hand import after, before, left_off
from deploy_plan.callers import callers, common_rights, rights
from deploy_plan.costs import floor, thousand_pushes, total
from deploy_plan.created import Created, created
from deploy_plan.page import page
from deploy_plan.prices import Prices, load_prices
from deploy_plan.problem import Problem
from deploy_plan.setup import Setup, read_setup


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the plan; 1 with the reason where there is none."""
    parser = argparse.ArgumentParser(prog="deploy_plan", description=__doc__)
    parser.add_argument("environment", nargs="?", default="production", help="environments/<this>.tfvars")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--infra", type=Path, default=Path(__file__).parents[1], help="the folder infra/")
    asked = parser.parse_args(arguments)
    try:
        setup, prices = read_setup(asked.infra, asked.environment), load_prices()
        made = created(asked.infra, setup)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    print(_as_json(setup, made, prices) if asked.json else page(setup, made, prices), end="")
    return 0


def _as_json(setup: Setup, made: Sequence[Created], prices: Prices) -> str:
    standing, pushes = floor(setup, prices), thousand_pushes(prices)
    told = {
        "environment": setup.environment,
        "project": setup.variables.project,
        "creates": {one.address: list(one.names) for one in made},
        "callers": [dataclasses.asdict(one) for one in callers(setup)],
        "common_rights": common_rights(setup),
        "rights": [dataclasses.asdict(one) for one in rights(setup)],
        "by_hand": {"before": [*before(setup)], "after": [*after(setup)]},
        "left_off": [*left_off(setup)],
        "monthly_floor_usd": {
            "known": round(total(standing), 2),
            "parts": [dataclasses.asdict(one) for one in standing],
        },
        "thousand_pushes_usd": {
            "known": round(total(pushes), 4),
            "parts": [dataclasses.asdict(one) for one in pushes],
        },
        "prices": {name: one.model_dump() for name, one in prices.by_name.items()},
        "prices_read_on": prices.read_on.isoformat(),
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
