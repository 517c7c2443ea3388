"""Writes that go to the knowledge base through the broker, and what became of them."""

import logging
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus

from a2a_gateway.answer import CannotAnswer, Message
from a2a_gateway.callers.caller import Caller
from a2a_gateway.writes.commit_watch import CommitWatch
from a2a_gateway.writes.report import Origin, Report, WrittenAnswer
from a2a_gateway.writes.sql_writes import SqlWrites, Write
from a2a_gateway.writes.write_status import WriteStatus
from a2a_gateway.writes.writing import Accepted
from devnexus.codec import decode, encode
from devnexus.errors import Rejected, Unavailable
from devnexus.events import Record
from devnexus.pubsub import Publisher
from devnexus.timestamps import write as written
from devnexus.values import digest

SOURCE = "/dev-nexus/a2a-gateway"

_KEY = re.compile(r"[ -~]{1,200}")
_FORGET_EVERY_SECONDS = 3600.0

_log = logging.getLogger(__name__)


class PublishedWrites:
    """A Writing, and the Writes that skills may ask for."""

    def __init__(
        self,
        *,
        kept: SqlWrites,
        publisher: Publisher,
        commits: CommitWatch,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._kept = kept
        self._publisher = publisher
        self._commits = commits
        self._now = now
        self._forget_at = time.monotonic()

    def accept(
        self, report: Report[WrittenAnswer], *, caller: Caller, skill: str, key: str, given: Message
    ) -> Accepted:
        """As promised by Writing."""
        origin = Origin(caller.name, skill, _usable(key), self._now())
        content = given.model_dump(mode="json", exclude={"idempotency_key"}, exclude_unset=True)
        write = Write(
            id=f"{caller.name}:{skill}:{origin.key}",
            caller=caller.name,
            skill=skill,
            given=digest([caller.name, skill, content], length=64),
            record=_readable(report.event(origin)),
        )
        first = self._kept.accept(write)
        if first.given != write.given:
            raise _used_before(origin, first)
        self._publisher.publish([first.record])
        self._note_sent(first)
        return Accepted(first.record)

    async def committed(self, accepted: Accepted) -> str | None:
        """As promised by Writing."""
        return await self._commits.holding(accepted.record)

    def status(self, event_id: str, caller: Caller) -> WriteStatus | None:
        """As promised by Writes."""
        write = self._kept.find(event_id, caller=caller.name)
        if write is None:
            return None
        return WriteStatus(
            event_id=event_id,
            skill=write.skill,
            repository=write.record.repository.name,
            accepted_at=write.record.at,
            revision=self._commits.look_for(write.record),
            is_sent=write.is_sent,
        )

    def _note_sent(self, write: Write) -> None:
        """The broker has it, so that nothing is lost where this fails."""
        try:
            if not write.is_sent:
                self._kept.note_sent(write)
            if time.monotonic() >= self._forget_at:
                self._forget_at = time.monotonic() + _FORGET_EVERY_SECONDS
                self._kept.forget_old(now=self._now().timestamp())
        except Unavailable as error:
            _log.warning("not noted that an event was sent: %s", error, extra={"event_id": write.record.id})


def _usable(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise CannotAnswer("idempotency_key: give 1 to 200 printable ASCII characters")
    return key


def _readable(record: Record) -> Record:
    """The record, once it is sure that the knowledge base will take it."""
    try:
        decode(*encode(record, source=SOURCE))
    except (ValueError, Rejected) as error:
        raise CannotAnswer(f"This cannot be recorded: {error}") from error
    return record


def _used_before(origin: Origin, first: Write) -> CannotAnswer:
    return CannotAnswer(
        f"idempotency_key: {origin.key!r} was sent with other input of {first.skill} at"
        f" {written(first.record.at)}. Send this input with a key of its own, or without one",
        status=HTTPStatus.CONFLICT,
    )
