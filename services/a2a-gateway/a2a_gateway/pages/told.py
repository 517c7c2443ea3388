"""What a repository decided, and who uses what it publishes, each with its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.pages.links import Link, commit_link, lines_link, repository_link
from devnexus.events.similarity_computed import Place
from devnexus.knowledge.projection import DeclaredDependency, Projection, PublishedPackage, StandingDecision
from devnexus.knowledge.seen_by import seen_by

_DECISIONS_SHOWN = 20
_USES_SHOWN = 50


@dataclass(frozen=True)
class DecisionLine:
    """Something that was decided."""

    title: str
    kind: str
    status: str | None
    at: datetime
    seen_by: str
    """Who found it, in words, where that is more than the rules; else empty."""
    place: Link
    """Its line, or the commit that says so."""


@dataclass(frozen=True)
class UseLine:
    """Another repository that asks for a package of this one."""

    repository: Link
    package: str
    group: str
    asked: Link
    published: Link


def decision_lines(projection: Projection) -> Sequence[DecisionLine]:
    """The last decisions, newest first."""
    return [
        DecisionLine(
            title=one.title,
            kind=one.kind.replace("-", " "),
            status=one.status,
            at=one.at,
            seen_by=seen_by(one.source),
            place=_decided(one, projection.repository_url),
        )
        for one in projection.standing_decisions[:_DECISIONS_SHOWN]
    ]


def use_lines(reading: Reading, projection: Projection) -> Sequence[UseLine]:
    """The repositories that ask for its packages, with both places."""
    found: list[UseLine] = []
    for use in reading.uses.get(projection.repository_id, ())[:_USES_SHOWN]:
        consumer = reading.view.repositories[use.consumer]
        found.append(
            UseLine(
                repository=repository_link(reading.name(consumer)),
                package=use.published.name,
                group=use.asked.group,
                asked=_line(use.asked, consumer.repository_url),
                published=_line(use.published, projection.repository_url),
            )
        )
    return found


def _decided(decision: StandingDecision, url: str | None) -> Link:
    if decision.path is None or decision.line is None:
        return commit_link(url, decision.commit)
    place = Place(path=decision.path, start=decision.line, end=decision.line, commit=decision.commit)
    return lines_link(url, place)


def _line(package: DeclaredDependency | PublishedPackage, url: str | None) -> Link:
    place = Place(path=package.path, start=package.line, end=package.line, commit=package.commit)
    return lines_link(url, place)
