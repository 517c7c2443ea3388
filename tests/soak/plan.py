"""When what goes wrong: drawn once from the seed, before anything runs."""

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

_CYCLE_SECONDS = 60.0
"""In every so many seconds each fault is played once, and each service is killed at least once."""

_QUIET_SECONDS = 1.5
"""At the beginning and at the end of a cycle."""

_OLD_FROM = 2 / 3
_LONG_SECONDS = 120.0
"""In runs from so long on nobody is killed in the last third: a process that grows has to grow old."""


@dataclass(frozen=True)
class Trouble:
    """One fault, from then until then, in seconds since the beginning."""

    fault: str
    begins: float
    ends: float


@dataclass(frozen=True)
class Kill:
    """A signal for a service, and how long it stays away."""

    service: str
    at: float
    number: signal.Signals
    away_seconds: float


@dataclass(frozen=True)
class Plan:
    """All of it, in order."""

    troubles: tuple[Trouble, ...]
    kills: tuple[Kill, ...]


def planned(random: Random, seconds: float, *, faults: Sequence[str], services: Sequence[str]) -> Plan:
    """The faults and kills of so many seconds; the same for the same seed."""
    cycles = max(1, round(seconds / _CYCLE_SECONDS))
    length = seconds / cycles
    troubles: list[Trouble] = []
    kills: list[Kill] = []
    for number in range(cycles):
        start = number * length
        troubles += _troubles(random, start, length, faults)
        kills += _kills(random, start, length, services)
    last = seconds * _OLD_FROM if seconds >= _LONG_SECONDS else seconds
    return Plan(
        tuple(sorted(troubles, key=lambda one: one.begins)),
        tuple(sorted((one for one in kills if one.at < last), key=lambda one: one.at)),
    )


def _troubles(random: Random, start: float, length: float, faults: Sequence[str]) -> list[Trouble]:
    found = []
    for fault in faults:
        lasts = length * random.uniform(0.07, 0.16)
        begins = start + random.uniform(_QUIET_SECONDS, length - lasts - _QUIET_SECONDS)
        found.append(Trouble(fault, begins, begins + lasts))
    return found


def _kills(random: Random, start: float, length: float, services: Sequence[str]) -> list[Kill]:
    """Each service once, half of them without a warning, and one of them a second time."""
    victims = [*services, random.choice(services)]
    random.shuffle(victims)
    return [
        Kill(
            service,
            start + random.uniform(_QUIET_SECONDS, length - _QUIET_SECONDS),
            signal.SIGKILL if number % 2 else signal.SIGTERM,
            random.uniform(0.2, 3.0),
        )
        for number, service in enumerate(victims)
    ]
