"""What can go wrong around the services, each with how it begins and how it ends."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random

from fakes.anthropic_replies import OVERLOADED, Asked, HangsUp, Reply
from fakes.github_gate import Kind, Request

from soak.disk import Disk
from soak.pubsub import SoakPubSub
from soak.targets import Mood

_PART = 0.6
"""So many of the requests to GitHub fail while it does."""


@dataclass(frozen=True)
class Fault:
    """How one begins and ends; each may happen many times."""

    begin: Callable[[], object]
    end: Callable[[], object]


@dataclass
class GitHubTrouble:
    """A `fakes.github_gate.Fault` that can be turned on and off."""

    random: Random
    now: dict[str, tuple[Kind, int, str, Mapping[str, str]]] = field(default_factory=dict)
    kind: Kind = "status"
    status: int = 502
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    applied: bool = False

    def strikes(self, request: Request) -> bool:
        """Whether this request fails."""
        if not self.now or self.random.random() > _PART:
            return False
        chosen = self.random.choice(list(self.now.values()))
        self.kind, self.status, self.message, self.headers = chosen
        return True


class ClaudeTrouble:
    """What Claude says, and what it does instead at times."""

    def __init__(self, random: Random, usual: Callable[[Asked], Reply]) -> None:
        self._random, self._usual = random, usual
        self.now: dict[str, Reply] = {}

    def __call__(self, asked: Asked) -> Reply:
        if self.now and self._random.random() < 0.9:
            return self._random.choice(list(self.now.values()))
        return self._usual(asked)


_GITHUB: Mapping[str, tuple[Kind, int, str, Mapping[str, str]]] = {
    "GitHub 502": ("status", 502, "Server Error", {}),
    "GitHub 429": ("status", 429, "API rate limit exceeded", {"Retry-After": "2"}),
    "GitHub cut off": ("cut", 0, "", {}),
}
_CLAUDE: Mapping[str, Reply] = {
    "Claude down": HangsUp(),
    "Claude 529": OVERLOADED,
    "Claude garbage": '{"files": [{"file": "\ud83d' + "[" * 2000,
}
PUBSUB_AWAY = "Pub/Sub away"
DISK_FULL = "disk full"
EXCUSES = (DISK_FULL, PUBSUB_AWAY)
"""Faults at which a service may refuse to start."""


def all_faults(
    *, pubsub: SoakPubSub, github: GitHubTrouble, claude: ClaudeTrouble, mood: Mood, disk: Disk
) -> dict[str, Fault]:
    """Name → fault; a full disk only where there is one that may be filled."""
    found = dict(_of_pubsub(pubsub))
    for name, trouble in _GITHUB.items():
        found[name] = _entry(github.now, name, trouble)
    for name, reply in _CLAUDE.items():
        found[name] = _entry(claude.now, name, reply)
    for answer in ("500", "429", "slow"):
        found[f"targets {answer}"] = Fault(
            lambda answer=answer: mood.now.add(answer), lambda answer=answer: mood.now.discard(answer)
        )
    if disk.is_small:
        found[DISK_FULL] = Fault(disk.fill, disk.free)
    return found


def _entry(now: dict[str, object], name: str, value: object) -> Fault:
    return Fault(lambda: now.update({name: value}), lambda: now.pop(name, None))


def _of_pubsub(pubsub: SoakPubSub) -> Iterator[tuple[str, Fault]]:
    broker = pubsub.broker
    names = [one.name for one in broker.directory.subscriptions() if not one.name.endswith("-dead")]
    outages = ExitStack()
    yield PUBSUB_AWAY, Fault(lambda: outages.enter_context(broker.faults.outage()), outages.close)

    def every(play: Callable[..., object], number: int) -> Callable[[], None]:
        return lambda: [play(name, every=number) for name in names] and None

    yield (
        "Pub/Sub duplicates",
        Fault(every(broker.faults.duplicate, 3), every(broker.faults.duplicate, 0)),
    )
    yield "Pub/Sub loses acks", Fault(every(broker.faults.late_ack, 3), every(broker.faults.late_ack, 0))

    def drop(number: int) -> Callable[[], None]:
        return lambda: setattr(broker, "drop_every", number)

    yield "Pub/Sub drops deliveries", Fault(drop(3), drop(0))
