"""Claude as a second reader of one push: asked at once about all of it, and nothing is left for later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from devnexus.errors import ConfigurationError, Unavailable
from devnexus.knowledge.followed_organisation import FollowedVocabulary
from devnexus.knowledge.store import Store
from devnexus.knowledge.stores.cache_folder import cache_folder
from devnexus.people.organisation import Organisation
from devnexus.redact import redact
from devnexus.secrets import Secret, read_secret
from devnexus.settings import read_settings
from extractor.claude.asking import LiveAsker
from extractor.claude.matter import Matter, SecondReading
from extractor.claude.minilm import installed_minilm
from extractor.claude.second_opinion import (
    AskedThrough,
    SecondOpinion,
    is_bulk_work,
    limits_of,
    rules_alone,
)
from extractor.claude.second_reader import Models
from extractor.claude.standing_context import StandingContext
from extractor.claude.vocabulary_meaning import Meanings
from extractor.claude.waiting import Analysed
from extractor.policy import Policy
from extractor.reading import Reader
from extractor.settings import API_KEY, ClaudeSettings

NO_LEAVE = "no knowledge base was given that says whether it may"

_FILE = "claude.db"
_REASON_CHARACTERS = 500


@dataclass(frozen=True)
class Place:
    """Where a push is analysed."""

    environment: Mapping[str, str]
    store: Store | None
    organisation: Organisation


def second_opinion(place: Place, reader: Reader) -> SecondOpinion | None:
    """Claude's, or None without a key; where it cannot be asked the rules answer, and the receipts say why.

    Raises ConfigurationError where a setting cannot be read.
    """
    settings = read_settings(ClaudeSettings, place.environment)
    models = Models(settings.claude_model, settings.claude_bulk_model)
    try:
        key = read_secret(API_KEY, place.environment)
        if key is None:
            return None
        if place.store is None:
            return RulesAlone(NO_LEAVE, models)
        opinion = _asked(key, settings, models, place.store, place.organisation, reader, place.environment)
    except (ConfigurationError, Unavailable) as error:
        return RulesAlone(_reason(error), models)
    return UnlessUnavailable(opinion, models)


class RulesAlone:
    """A SecondOpinion of somebody who cannot be asked."""

    def __init__(self, because: str, models: Models) -> None:
        self._because = because
        self._models = models

    def read(self, matter: Matter, policy: Policy) -> SecondReading:
        """As promised by SecondOpinion."""
        model = self._models.bulk if is_bulk_work(matter.event) else self._models.live
        return rules_alone(matter, policy.no_claude_because or self._because, model=model)

    def published(self, event: Analysed, reading: SecondReading) -> None:
        """As promised by SecondOpinion."""


class UnlessUnavailable:
    """The SecondOpinion behind it; where that fails nobody sends the push again, so the rules answer."""

    def __init__(self, opinion: SecondOpinion, models: Models) -> None:
        self._opinion = opinion
        self._models = models

    def read(self, matter: Matter, policy: Policy) -> SecondReading:
        """As promised by SecondOpinion."""
        try:
            return self._opinion.read(matter, policy)
        except Unavailable as error:
            return RulesAlone(_reason(error), self._models).read(matter, policy)

    def published(self, event: Analysed, reading: SecondReading) -> None:
        """As promised by SecondOpinion."""


def _asked(
    key: Secret,
    settings: ClaudeSettings,
    models: Models,
    store: Store,
    organisation: Organisation,
    reader: Reader,
    environment: Mapping[str, str],
) -> SecondOpinion:
    # the SDK takes seconds that only those should pay who have a key
    from extractor.claude.door import ANTHROPIC, open_claude  # noqa: PLC0415
    from extractor.claude.opened import opened  # noqa: PLC0415

    model, _ = open_claude(key, settings.anthropic_base_url or ANTHROPIC)
    claude = opened(
        settings.database_url or _own_store(environment),
        model,
        models=models,
        meaning=Meanings(FollowedVocabulary(store).now, reader.rules.patterns, installed_minilm()).now,
        context=StandingContext(store).of,
        clock=_now,
    )
    claude.calls.forget_old(now=_now())
    asker = LiveAsker(model=model, calls=claude.calls, limits=limits_of(organisation), clock=_now)
    return AskedThrough(claude.reader, asker)


def _own_store(environment: Mapping[str, str]) -> Secret:
    """A file that lasts as long as the run in GitHub Actions, elsewhere as long as the user's cache."""
    temporary = environment.get("RUNNER_TEMP")
    folder = Path(temporary).absolute() if temporary else cache_folder(environment)
    return Secret(f"sqlite:///{folder / _FILE}".encode())


def _reason(error: Exception) -> str:
    return redact(f"it could not be asked: {error}").text[:_REASON_CHARACTERS]


def _now() -> datetime:
    return datetime.now(UTC)
