"""`get_pattern_history`: when a pattern came to repositories and went again, and what took its place."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import AliasChoices, Field

from a2a_gateway.answer import Answer, Part
from a2a_gateway.knowledge.named_pattern import NamedPattern, name_of, named_pattern
from a2a_gateway.knowledge.nearest import known_repository
from a2a_gateway.knowledge.pattern_pasts import (
    PatternPast,
    candidates,
    category_of,
    pattern_past,
    readable,
    went_lately,
)
from a2a_gateway.knowledge.places import in_order_of_interest
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.paging import Paged, Pagination, page_of
from a2a_gateway.skill import ReadingSkill
from devnexus.alike.example import newest_example
from devnexus.knowledge.pattern_past import Turn
from devnexus.knowledge.projection import Projection
from devnexus.timestamps import Timestamp

_TURNS_SHOWN = 50


class GetPatternHistory(Paged):
    """Which pattern, and where."""

    pattern_name: Annotated[
        str,
        Field(min_length=1, max_length=200, validation_alias=AliasChoices("pattern_name", "pattern")),
    ]
    """Name, alias or id of a pattern, whatever its case; also one that no repository has any more."""
    repository: str = ""
    """Look at this one only: `<owner>/<name>`."""
    limit: Annotated[int, Field(ge=1, le=20)] = 5
    """The history of at most so many repositories is read; of fewer where they were pushed to very often."""


class PatternTurn(Part):
    """The pattern came, or went."""

    what: Literal["appeared", "went"]
    at: Timestamp
    commit_sha: str
    record_id: str
    """Of the push or snapshot; `get_receipt` tells what was read of it."""
    subject: str
    """push or snapshot."""
    is_first_reading: bool
    """Whether nothing was read of the repository before: it may have had the pattern for long."""
    replaced_by: list[str]
    """Where it went: ids of patterns of the same category that came with the same push."""


class PatternInRepository(Part):
    """The history of the pattern in one repository."""

    repository: str
    has_it: bool
    """Whether it stands there now."""
    first_seen: Timestamp | None
    events: list[PatternTurn]
    """Oldest first, the last 50; empty where it was never seen."""
    is_whole: bool
    """False where there were too many pushes to read, and only the last 10 were."""


class Example(Part):
    """Where to look at it as it is done now."""

    repository: str
    commit_sha: str
    """The push that brought it there."""
    at: Timestamp
    path: str | None
    """None where there is nothing but the word of a person."""
    line: int | None
    read_at: str | None
    """The commit in which the line stands."""


class Replacement(Part):
    """What came in the place of the pattern."""

    pattern: str
    pattern_id: str
    repositories: list[str]
    """Those of this answer that changed to it, the last one first."""
    example: Example | None
    """Of the last repository that changed to it and has it still, else of the last that took it up; None
    where no repository has it now."""


class PatternHistory(Answer):
    """Repositories where the pattern went lately first, then those that have it, then all others: what went
    long ago is found there, page by page."""

    pattern: str
    pattern_id: str
    category: str | None
    repositories: list[PatternInRepository]
    repositories_with_pattern: int
    """How many have it now, whether they are told or not."""
    replaced_by: list[Replacement]
    """In the repositories of this answer; what most of them changed to first."""
    pagination: Pagination


def get_pattern_history(asked: GetPatternHistory, knowledge: Reading) -> PatternHistory:
    """Tell the past of a pattern, some repositories at a time."""
    pattern = _pattern(asked.pattern_name, knowledge)
    pages = _pages(asked.repository, pattern.id, knowledge)
    limit = readable(pages[asked.offset : asked.offset + asked.limit])
    pasts: dict[str, PatternPast] = {}

    def show(page: Projection) -> PatternInRepository:
        past = pasts[page.repository_id] = pattern_past(pattern.id, page, knowledge)
        return _told(past, pattern.id, knowledge)

    part = page_of(pages, asked.model_copy(update={"limit": max(1, limit)}), show)
    return PatternHistory(
        pattern=pattern.name,
        pattern_id=pattern.id,
        category=category_of(pattern.id, knowledge),
        repositories=part.items,
        repositories_with_pattern=len(knowledge.having.get(pattern.id, ())),
        replaced_by=_replacements(pasts.values(), knowledge),
        pagination=part.pagination,
    )


def _pattern(word: str, knowledge: Reading) -> NamedPattern:
    return named_pattern(
        word, knowledge, further=went_lately(knowledge).keys() | knowledge.patterns_meant(word)
    )


def _pages(repository: str, id_: str, knowledge: Reading) -> Sequence[Projection]:
    if not repository:
        return candidates(id_, knowledge)
    page = known_repository(repository, knowledge)
    return [page]


def _told(past: PatternPast, id_: str, knowledge: Reading) -> PatternInRepository:
    standing = past.page.standing_patterns.get(id_)
    return PatternInRepository(
        repository=knowledge.name(past.page),
        has_it=standing is not None,
        first_seen=standing.first_seen.at if standing else past.turns[0].at if past.turns else None,
        events=[_turn(turn) for turn in past.turns[-_TURNS_SHOWN:]],
        is_whole=past.is_whole,
    )


def _turn(turn: Turn) -> PatternTurn:
    return PatternTurn(
        what=turn.what,
        at=turn.at,
        commit_sha=turn.commit,
        record_id=turn.record_id,
        subject=turn.subject,
        is_first_reading=turn.is_first,
        replaced_by=list(turn.instead),
    )


def _replacements(pasts: Iterable[PatternPast], knowledge: Reading) -> list[Replacement]:
    """What took its place, with the repositories in which it did, the last one first."""
    went = [(turn, past.page) for past in pasts for turn in past.turns if turn.instead]
    went.sort(key=lambda one: (one[0].at, one[1].repository_id), reverse=True)
    changed: dict[str, list[Projection]] = defaultdict(list)
    for turn, page in went:
        for id_ in turn.instead:
            changed[id_].append(page)
    ranked = sorted(changed.items(), key=lambda item: (-len(item[1]), item[0]))
    return [_replacement(id_, pages, knowledge) for id_, pages in ranked]


def _replacement(id_: str, changed: Sequence[Projection], knowledge: Reading) -> Replacement:
    return Replacement(
        pattern=name_of(id_, knowledge),
        pattern_id=id_,
        repositories=list(dict.fromkeys(map(knowledge.name, changed))),
        example=_example(id_, changed, knowledge),
    )


def _example(id_: str, changed: Sequence[Projection], knowledge: Reading) -> Example | None:
    still = next((page for page in changed if id_ in page.standing_patterns), None)
    having = knowledge.having.get(id_)
    page = still or (newest_example(id_, having) if having else None)
    if page is None:
        return None
    pattern = page.standing_patterns[id_]
    row = next(iter(in_order_of_interest(pattern)), None)
    return Example(
        repository=knowledge.name(page),
        commit_sha=pattern.first_seen.commit,
        at=pattern.first_seen.at,
        path=row.path if row else None,
        line=row.start if row else None,
        read_at=row.commit if row else None,
    )


SKILL = ReadingSkill(
    id="get_pattern_history",
    name="Get Pattern History",
    description="With which pushes a pattern came to repositories and went again, what took its place, and"
    " the newest example of that, for whoever must migrate.",
    tags=("patterns", "history", "migration"),
    input=GetPatternHistory,
    output=PatternHistory,
    run=get_pattern_history,
    example=GetPatternHistory(pattern_name="Retry backoff", limit=2),
)
