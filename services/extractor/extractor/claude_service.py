"""Claude in the service: composed where there is a key, with its rounds of re-analysis."""

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from flask import Blueprint

from devnexus.errors import ConfigurationError
from devnexus.events import Event
from devnexus.knowledge.followed_organisation import FollowedVocabulary
from devnexus.knowledge.store import Store
from devnexus.people.organisation import Organisation
from devnexus.people.vocabulary import Vocabulary
from devnexus.pubsub import Publisher
from devnexus.secrets import Secret
from extractor.change import Source
from extractor.claude.asker import Asker
from extractor.claude.brief import RepositoryContext
from extractor.claude.door import ANTHROPIC, open_claude
from extractor.claude.minilm import installed_minilm
from extractor.claude.opened import BATCH_TOLL, opened
from extractor.claude.reanalysis import Reanalysis, Round
from extractor.claude.reanalysis_routes import reanalysis_routes, start_reanalysing
from extractor.claude.second_opinion import AskedThrough, SecondOpinion, limits_of
from extractor.claude.second_reader import Models
from extractor.claude.standing_context import StandingContext
from extractor.claude.vocabulary_meaning import Meanings
from extractor.claude.waiting import Analysed
from extractor.extract import analyse
from extractor.reading import Reader
from extractor.settings import API_KEY, ClaudeSettings

_log = logging.getLogger(__name__)
_BULK = "commit-bulk"


class ClaudeService:
    """What the extractor does with a key."""

    def __init__(
        self,
        key: Secret,
        settings: ClaudeSettings,
        *,
        source: Source,
        reader: Reader,
        publisher: Publisher,
        organisation: Callable[[], Organisation],
        store: Store | None,
    ) -> None:
        """Raises ConfigurationError where a setting is missing that a key needs."""
        if settings.database_url is None:
            raise ConfigurationError(
                f"DATABASE_URL is not set: with {API_KEY} it says where is kept what Claude said and cost"
            )
        model, batches = open_claude(key, settings.anthropic_base_url or ANTHROPIC)
        vocabulary = FollowedVocabulary(store).now if store else _no_vocabulary()
        self._claude = opened(
            settings.database_url,
            model,
            models=Models(settings.claude_model, settings.claude_bulk_model),
            meaning=Meanings(vocabulary, reader.rules.patterns, installed_minilm()).now,
            context=StandingContext(store).of if store else lambda one: RepositoryContext(one.name),
            clock=_now,
        )
        self._source, self._reader, self._organisation = source, reader, organisation
        self._reanalysis = Reanalysis(
            waiting=self._claude.waiting,
            calls=self._claude.calls,
            batches=batches,
            toll=BATCH_TOLL,
            look=self._look,
            limits=lambda: limits_of(organisation()),
            again=lambda events: publisher.publish(events, topic=_BULK),
            clock=_now,
        )
        _log.info("Claude reads besides the rules: %s", settings.claude_model)

    @property
    def opinion(self) -> SecondOpinion:
        """For the use cases."""
        return self._claude.opinion

    def routes(self) -> Blueprint:
        """`POST /reanalyse`."""
        return reanalysis_routes(self._round)

    def start(self) -> None:
        """Make rounds of re-analysis until the process ends; each may be interrupted anywhere."""
        start_reanalysing(self._round, threading.Event())

    def _round(self) -> Round:
        self._claude.calls.forget_old(now=_now())
        done = self._reanalysis.round()
        if done != Round():
            _log.info("a round of re-analysis", extra=done.facts())
        return done

    def _look(self, event: Analysed, asker: Asker) -> None:
        analyse(
            event,
            source=self._source,
            reader=self._reader,
            publisher=_Nobody(),
            organisation=self._organisation(),
            opinion=AskedThrough(self._claude.reader, asker),
        )


class _Nobody:
    """A Publisher for a look of which nobody is to hear."""

    def publish(self, events: Iterable[Event], *, topic: str | None = None) -> None:
        """As promised by Publisher."""


def _no_vocabulary() -> Callable[[], Vocabulary]:
    none = Vocabulary()
    return lambda: none


def _now() -> datetime:
    return datetime.now(UTC)
