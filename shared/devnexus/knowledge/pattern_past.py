"""With which pushes a pattern came to a repository and went again, and what came in its place."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from devnexus.events import PatternsExtracted, Record
from devnexus.knowledge.analyses import effective
from devnexus.knowledge.history import merge
from devnexus.knowledge.order import in_order
from devnexus.knowledge.projection import Brought, Projection, RecentRecord
from devnexus.knowledge.standing_patterns import StandingPatterns


@dataclass(frozen=True)
class Turn:
    """A push or snapshot with which a pattern came or went."""

    what: Literal["appeared", "went"]
    at: datetime
    commit: str
    record_id: str
    subject: str
    is_first: bool
    """Whether nothing was read of the repository before: the pattern may have been there for long."""
    instead: tuple[str, ...] = ()
    """Where it went: the patterns of its category that came with the same push."""


def turns(
    records: Iterable[Record], pattern: str, canonical: Callable[[str], str], category: str | None = None
) -> list[Turn]:
    """The turns of `pattern` in one repository, oldest first; `canonical` gives what an id means now.

    `category`: that of the pattern, where it is not what its rule said.
    """
    return _Past(pattern, canonical, category).through(in_order(effective(merge((), records))))


def last_turns(
    page: Projection,
    pattern: str,
    canonical: Callable[[str], str],
    category_of: Callable[[str], str | None],
) -> list[Turn]:
    """The same as far as the last pushes tell that the page names; `is_first` is not known of any."""
    found: list[Turn] = []
    for record in reversed(page.recent):
        gone, came = ({canonical(id_) for id_ in ids} for ids in (record.gone, record.introduced))
        if pattern in gone | came:
            kind = category_of(pattern)
            instead = [id_ for id_ in sorted(came) if kind and category_of(id_) == kind and pattern in gone]
            found.append(_turn(record, "went" if pattern in gone else "appeared", tuple(instead)))
    return found


class _Past:
    """Follows one pattern through the analyses of a repository."""

    def __init__(self, pattern: str, canonical: Callable[[str], str], category: str | None) -> None:
        self._pattern = pattern
        self._canonical = canonical
        self._patterns = StandingPatterns()
        self._ids: set[str] = set()
        """What records call it."""
        self._stood = False
        self._categories: dict[str, str] = {pattern: category} if category else {}

    def through(self, ordered: Iterable[Record]) -> list[Turn]:
        """The turns in these records."""
        analyses = [record for record in ordered if isinstance(record, PatternsExtracted)]
        found = (self._after(record, is_first=record is analyses[0]) for record in analyses)
        return [turn for turn in found if turn]

    def _after(self, record: PatternsExtracted, *, is_first: bool) -> Turn | None:
        for one in record.patterns:
            self._categories.setdefault(self._canonical(one.id), one.category)
            if self._canonical(one.id) == self._pattern:
                self._ids.add(one.id)
        brought, stood = self._patterns.take(record), self._stood
        self._stood = any(map(self._patterns.stands, self._ids))
        if stood == self._stood:
            return None
        if stood:
            return _turn(record, "went", self._instead(brought))
        return _turn(record, "appeared", is_first=is_first)

    def _instead(self, brought: Brought) -> tuple[str, ...]:
        category = self._categories.get(self._pattern)
        came = {self._canonical(id_) for id_ in brought.introduced}
        return tuple(sorted(id_ for id_ in came if category and self._categories.get(id_) == category))


def _turn(
    record: PatternsExtracted | RecentRecord,
    what: Literal["appeared", "went"],
    instead: tuple[str, ...] = (),
    *,
    is_first: bool = False,
) -> Turn:
    return Turn(what, record.at, record.after, record.record_id, record.subject, is_first, instead)
