"""Which revision of the knowledge base a caller means who asks what was known then."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from a2a_gateway.answer import CannotAnswer
from devnexus.knowledge.store import Files
from devnexus.timestamps import as_utc, write

FARTHEST = 50_000
"""So many revisions are looked back at most: they stay in memory, and GitHub tells a hundred at a time."""

_REVISION = re.compile(r"[0-9a-f]{7,40}")
_FULL = 40
_ACCEPTED = (
    "give a revision (7 to 40 hexadecimal digits, as answers name it) or a time (ISO 8601, such as"
    " 2026-03-01T12:00:00Z; without a zone it is UTC); empty means now"
)


@dataclass(frozen=True)
class Moment:
    """A revision, when it was committed, and the one before it."""

    id: str
    at: datetime
    parent: str | None


class Timeline:
    """The revisions that lead to the head; looked up as far back as somebody asked, and remembered."""

    def __init__(self, store: Files) -> None:
        self._store = store
        self._known: list[Moment] = []
        """Newest first."""

    def meant(self, as_of: str, *, head: str) -> str:
        """The revision that `as_of` names, or the newest at that time.

        Raises CannotAnswer where there is none, Unavailable or Damaged where the store cannot tell.
        """
        word = as_of.strip()
        if _REVISION.fullmatch(word.lower()):
            return self._named(word.lower(), head)
        return self._newest_at(_time(word), head)

    def _named(self, digits: str, head: str) -> str:
        found: list[str] = []
        for moment in self._back_from(head):
            if moment.id.startswith(digits):
                found.append(moment.id)
                if len(digits) == _FULL:
                    break
        if len(found) > 1:
            raise CannotAnswer(f"as_of: several revisions begin with {digits}; give more digits")
        if not found:
            error = f"as_of: no revision that led to the newest begins with {digits}; {_ACCEPTED}"
            raise CannotAnswer(error, status=HTTPStatus.NOT_FOUND)
        return found[0]

    def _newest_at(self, time: datetime, head: str) -> str:
        oldest = None
        for moment in self._back_from(head):
            if moment.at <= time:
                return moment.id
            oldest = moment
        assert oldest, "a store has a revision"
        error = f"as_of: nothing is known of {write(time)}: the earliest revision that can be asked for"
        raise CannotAnswer(f"{error} is of {write(oldest.at)}", status=HTTPStatus.NOT_FOUND)

    def _back_from(self, head: str) -> Iterator[Moment]:
        self._catch_up(head)
        number = 0
        while number < FARTHEST:
            if number == len(self._known) and not self._look_further():
                return
            yield self._known[number]
            number += 1

    def _catch_up(self, head: str) -> None:
        """Let the known ones begin with `head`; those that it does not stand on are forgotten."""
        if self._known and self._known[0].id == head:
            return
        places = {moment.id: number for number, moment in enumerate(self._known)}
        newer: list[Moment] = []
        for moment in self._log(head):
            if moment.id in places:
                newer += self._known[places[moment.id] :]
                break
            newer.append(moment)
            if not places or len(newer) == FARTHEST:
                break
        self._known = newer

    def _look_further(self) -> bool:
        """Whether there was an older one; a few more are then known."""
        start = self._known[-1].parent
        if start is None:
            return False
        self._known += _some(self._log(start))
        return True

    def _log(self, start: str) -> Iterator[Moment]:
        for revision in self._store.log(start):
            yield Moment(revision.id, revision.at, revision.parent)


def _some(moments: Iterator[Moment], most: int = 100) -> list[Moment]:
    return [moment for moment, _ in zip(moments, range(most), strict=False)]


def _time(word: str) -> datetime:
    try:
        return as_utc(datetime.fromisoformat(word))
    except ValueError as error:
        raise CannotAnswer(f"as_of: {word[:100]!r} is neither a revision nor a time: {_ACCEPTED}") from error
