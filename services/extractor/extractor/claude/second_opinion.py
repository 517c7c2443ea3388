"""Claude as the extractor's use cases know it: who is asked about which event, when, and what waits."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from devnexus.events import CommitPushed
from devnexus.events.patterns_extracted import ClaudeReceipt
from devnexus.people.organisation import Organisation
from extractor.claude.account import account
from extractor.claude.asker import Asker
from extractor.claude.asking import LaterAsker
from extractor.claude.brief import PROMPT_VERSION
from extractor.claude.calls import Limits
from extractor.claude.matter import Matter, SecondReading
from extractor.claude.second_reader import SecondReader
from extractor.claude.waiting import Analysed, Waiting
from extractor.policy import Policy

_log = logging.getLogger(__name__)

LiveAskers = Callable[[Limits], Asker]
"""Makes an Asker that asks at once, within these limits."""


class SecondOpinion(Protocol):
    """What Claude makes of an event, for those who publish it."""

    def read(self, matter: Matter, policy: Policy) -> SecondReading:
        """What both readers see; what the rules see, with the reason, where Claude may not read it."""

    def published(self, event: Analysed, reading: SecondReading) -> None:
        """The record went out: see to it that what is still open is asked some time."""


class ClaudesOpinion:
    """Asks about live pushes at once, and lists everything else for a batch."""

    def __init__(
        self,
        reader: SecondReader,
        *,
        live: LiveAskers,
        waiting: Waiting,
        clock: Callable[[], datetime],
    ) -> None:
        self._reader = reader
        self._live = live
        self._waiting = waiting
        self._clock = clock

    def read(self, matter: Matter, policy: Policy) -> SecondReading:
        """As promised by SecondOpinion."""
        asker = self._live(limits_of(policy.organisation)) if is_live(matter.event) else LaterAsker()
        return read_with(self._reader, matter, policy, asker)

    def published(self, event: Analysed, reading: SecondReading) -> None:
        """As promised by SecondOpinion."""
        if reading.later:
            self._waiting.add(event, reading.later, now=self._clock())
            _log.info("Claude has yet to read it: %s", reading.later, extra={"event": event.id})


class AskedThrough:
    """The same with an asker from elsewhere, for re-analysis: nothing is listed."""

    def __init__(self, reader: SecondReader, asker: Asker) -> None:
        self._reader = reader
        self._asker = asker

    def read(self, matter: Matter, policy: Policy) -> SecondReading:
        """As promised by SecondOpinion."""
        return read_with(self._reader, matter, policy, self._asker)

    def published(self, event: Analysed, reading: SecondReading) -> None:
        """As promised by SecondOpinion."""


def read_with(reader: SecondReader, matter: Matter, policy: Policy, asker: Asker) -> SecondReading:
    """What both readers see, where people let Claude read the repository."""
    is_bulk = is_bulk_work(matter.event)
    if policy.no_claude_because is None:
        return reader.read(matter, asker, is_bulk=is_bulk)
    return rules_alone(matter, policy.no_claude_because, model=reader.model(is_bulk=is_bulk))


def rules_alone(matter: Matter, because: str, *, model: str) -> SecondReading:
    """What the rules see, with the reason why `model` was asked nothing."""
    read = matter.reading.read
    receipt = ClaudeReceipt(
        outcome="not-read",
        because=because,
        model=model,
        prompt=PROMPT_VERSION,
        left_out=account(read, (), dict.fromkeys(read, because)),
    )
    told = matter.reading.receipt.model_copy(update={"claude": receipt})
    return SecondReading(replace(matter.reading, receipt=told), matter.decisions)


def is_bulk_work(event: Analysed) -> bool:
    """Whether it is a snapshot, or of the past: read by the cheaper model."""
    return not isinstance(event, CommitPushed) or event.cause == "backfill" or event.recovered


def is_live(event: Analysed) -> bool:
    """Whether somebody may wait for what it shows."""
    return event.cause == "live" and not is_bulk_work(event)


def limits_of(organisation: Organisation) -> Limits:
    """How many calls people allow."""
    return Limits(organisation.claude.calls_per_day, organisation.claude.calls_per_repository)
