"""What an environment costs when nothing happens, and what pushes add to it. Claude is apart."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from deploy_plan.prices import Prices
from deploy_plan.setup import Service, Setup

HOURS = 730
SECONDS = HOURS * 3600
_STORAGE_GIB = 10
"""What Cloud SQL takes at least, and Terraform leaves as it is."""

_CUSTOM = re.compile(r"db-custom-(\d+)-(\d+)")
_TIMES_A_MONTH = {"* * * * *": HOURS * 60, "*/5 * * * *": HOURS * 12}


@dataclass(frozen=True)
class Cost:
    """A part of the bill; usd None: not known."""

    what: str
    usd: float | None
    how: str


def floor(setup: Setup, prices: Prices) -> list[Cost]:
    """What a month costs without a push or a call."""
    return [
        *_pools(setup, prices),
        *_always_up(setup, prices),
        _database(setup, prices),
        _secrets(setup, prices),
        _jobs(setup, prices),
        _alerts(setup, prices),
        *_load_balancer(setup, prices),
        _images(prices),
    ]


def total(costs: list[Cost]) -> float:
    """The sum of what is known."""
    return sum(cost.usd for cost in costs if cost.usd is not None)


def calls_a_month(setup: Setup) -> int:
    """How often Scheduler calls: hourly, where a schedule is none of those that are known."""
    return sum(_TIMES_A_MONTH.get(call.schedule, HOURS) for _, call in setup.scheduled)


def free_seconds_a_call(setup: Setup, prices: Prices) -> float:
    """How long those calls may take on average, with one vCPU, until they cost something."""
    return prices["request-cpu"].free / max(calls_a_month(setup), 1)


def thousand_pushes(prices: Prices) -> list[Cost]:
    """What 1,000 pushes add where nothing is free any more, by what the demo amounted to."""
    seen = prices.measured
    events, requests = (1000 * count / seen.pushes for count in (seen.events, seen.requests))
    moved = events * 2 * max(seen.event_bytes, 1000) / 2**40
    logged = 1000 * seen.log_bytes / seen.pushes / 2**30
    return [
        Cost("requests", prices["requests"].of(requests / 1e6, free=False), f"{requests:,.0f} requests"),
        Cost(
            "Cloud Run",
            prices["request-cpu"].of(requests, free=False)
            + prices["request-memory"].of(requests, free=False),
            "if each took a second alone, with 1 vCPU and 1 GiB",
        ),
        Cost("Pub/Sub", prices["pubsub"].of(moved, free=False), f"{events:,.0f} events, in and out"),
        Cost("logs", prices["logs"].of(logged, free=False), f"{logged * 1024:.1f} MiB"),
    ]


def _pools(setup: Setup, prices: Prices) -> Iterator[Cost]:
    for name in setup.pools:
        service = setup.services[name]
        seconds = SECONDS * service.instances[0]
        usd = prices["pool-cpu"].of(seconds * _cpu(service)) + prices["pool-memory"].of(
            seconds * _gib(service)
        )
        yield Cost(f"{name}, always up", usd, f"{service.cpu} vCPU, {service.memory}, after what is free")


def _always_up(setup: Setup, prices: Prices) -> Iterator[Cost]:
    for name, home in setup.homes.items():
        service = setup.services[home.service]
        least = setup.variables.min_instances.get(home.service, service.instances[0])
        if least:
            kind, how = ("instance", "ready to work") if service.works_on else ("idle", "idle")
            usd = prices[f"{kind}-cpu"].of(SECONDS * least * _cpu(service))
            usd += prices[f"{kind}-memory"].of(SECONDS * least * _gib(service))
            yield Cost(f"{name}, kept warm", usd, f"{least} {how} in {home.region}")


def _database(setup: Setup, prices: Prices) -> Cost:
    variables = setup.variables
    if variables.database == "own":
        return Cost("PostgreSQL", None, "your own: what it costs you")
    machine = _machine(variables.database_tier, prices)
    what = f"Cloud SQL, {variables.database_tier}, {variables.database_availability}"
    if machine is None:
        return Cost(what, None, "no page gave a price for this machine")
    usd = machine * HOURS + prices["sql-storage"].of(_STORAGE_GIB * HOURS)
    times = 2 if variables.database_availability == "REGIONAL" else 1
    return Cost(what, usd * times, f"with {_STORAGE_GIB} GiB of SSD; backups come to it")


def _machine(tier: str, prices: Prices) -> float | None:
    """What an hour costs."""
    if tier == "db-f1-micro":
        return prices["sql-f1-micro"].usd
    if custom := _CUSTOM.fullmatch(tier):
        cpus, mebibytes = int(custom[1]), int(custom[2])
        return cpus * prices["sql-cpu"].usd + mebibytes / 1024 * prices["sql-memory"].usd
    return None


def _secrets(setup: Setup, prices: Prices) -> Cost:
    price, versions = prices["secret-versions"], len(setup.secrets)
    return Cost("secrets", price.of(versions), f"{versions} with one version each, {price.free:.0f} free")


def _jobs(setup: Setup, prices: Prices) -> Cost:
    price, jobs = prices["scheduler-jobs"], len(setup.scheduled)
    return Cost("Scheduler", price.of(jobs), f"{jobs} jobs, {price.free:.0f} free")


def _alerts(setup: Setup, prices: Prices) -> Cost:
    count = len(setup.alerts)
    return Cost("alerts", prices["alert-conditions"].of(count), f"{count} conditions, if they are charged")


def _load_balancer(setup: Setup, prices: Prices) -> Iterator[Cost]:
    if setup.variables.domain:
        yield Cost("load balancer", prices["forwarding-rules"].of(HOURS), "one forwarding rule")


def _images(prices: Prices) -> Cost:
    price = prices["images"]
    return Cost("images", None, f"${price.usd:.2f} a GB after {price.free} GB; how many is not known here")


def _cpu(service: Service) -> float:
    return float(service.cpu)


def _gib(service: Service) -> float:
    number, unit = float(service.memory[:-2]), service.memory[-2:]
    return number / 1024 if unit == "Mi" else number
