"""The overview: what happened last, what repositories have in common, and which there are."""

from collections.abc import Sequence
from dataclasses import dataclass

from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.pages.links import Link, pattern_link, repository_link
from a2a_gateway.pages.lists import Happened, happened
from devnexus.knowledge.last_good import Problem
from devnexus.knowledge.projection import Projection

PAGE_SIZE = 100
_PUSHES_SHOWN = 10
_PATTERNS_SHOWN = 20
_DESCRIPTION_LENGTH = 160
_PROBLEMS_SHOWN = 20


@dataclass(frozen=True)
class UsedPattern:
    """A pattern and how many repositories use it."""

    pattern: Link
    repositories: int


@dataclass(frozen=True)
class Known:
    """A repository in one row."""

    repository: Link
    description: str
    language: str
    patterns: int
    is_archived: bool


@dataclass(frozen=True)
class Overview:
    """What the overview shows."""

    count: int
    revision: str
    happened: Sequence[Happened]
    patterns: Sequence[UsedPattern]
    more_patterns: int
    repositories: Sequence[Known]
    first: int
    """Number of the first of `repositories` among all."""
    earlier: str | None
    later: str | None
    problems: Sequence[Problem]
    """Files of the knowledge base that cannot be read as they are."""


def overview(reading: Reading, page: int) -> Overview | None:
    """The overview with that page of the list of repositories, None where the list has fewer pages."""
    start = (page - 1) * PAGE_SIZE
    everything = reading.repositories
    if start and start >= len(everything):
        return None
    end = start + PAGE_SIZE
    used = sorted(reading.having.items(), key=lambda item: (-len(item[1]), item[0]))
    return Overview(
        count=len(everything),
        revision=reading.revision[:7],
        happened=happened(reading, everything, _PUSHES_SHOWN),
        patterns=[
            UsedPattern(pattern_link(id_, pages[0].standing_patterns[id_].name), len(pages))
            for id_, pages in used[:_PATTERNS_SHOWN]
        ],
        more_patterns=len(used[_PATTERNS_SHOWN:]),
        repositories=[_known(reading, projection) for projection in everything[start:end]],
        first=start + 1,
        earlier=f"/overview?page={page - 1}" if page > 1 else None,
        later=f"/overview?page={page + 1}" if end < len(everything) else None,
        problems=reading.view.problems[:_PROBLEMS_SHOWN],
    )


def _known(reading: Reading, projection: Projection) -> Known:
    return Known(
        repository=repository_link(reading.name(projection)),
        description=_clipped(projection.description or ""),
        language=projection.primary_language or "",
        patterns=len(projection.standing_patterns),
        is_archived=projection.archived,
    )


def _clipped(text: str) -> str:
    return text if len(text) <= _DESCRIPTION_LENGTH else text[: _DESCRIPTION_LENGTH - 1].rstrip() + "…"
