"""What is rolled out, and in which order."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a part runs as, by its name in gcloud."""

    SERVICE = "services"
    WORKER_POOL = "worker-pools"


@dataclass(frozen=True)
class Part:
    """A deployable of dev-nexus."""

    name: str
    kind: Kind = Kind.SERVICE
    open: bool = False
    """Whether the internet calls it; the others are called by Pub/Sub and Scheduler alone."""

    @property
    def audience(self) -> str:
        """Whom an identity token for this service is meant for: a custom audience of it."""
        return f"https://{self.name}.dev-nexus.internal"


CONSUMERS_FIRST = (
    Part("notifier"),
    Part("similarity"),
    Part("kb-writer", Kind.WORKER_POOL),
    Part("extractor"),
    Part("webhook-receiver", open=True),
    Part("a2a-gateway", open=True),
)
"""Whoever consumes a topic stands before those who publish to it: a new version of an event is understood
before it is sent, and, backwards, no longer sent before it is no longer understood."""


@dataclass(frozen=True)
class Target:
    """A part in one region."""

    part: Part
    region: str

    def __str__(self) -> str:
        return f"{self.part.name} ({self.region})"


def targets(region: str, second_region: str | None) -> tuple[Target, ...]:
    """Everything in `region`, and in the second one what the internet calls: there is one writer."""
    return tuple(
        Target(part, where)
        for part in CONSUMERS_FIRST
        for where in (region, second_region)
        if where and (where == region or part.open)
    )
