"""Claude as a second reader of one push, in this process."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from devnexus.knowledge.followed_organisation import FollowedVocabulary
from devnexus.knowledge.store import Store
from devnexus.people.organisation import Organisation
from devnexus.people.vocabulary import Vocabulary
from devnexus.repository import Repository
from devnexus.secrets import Secret, read_secret
from devnexus.settings import read_settings
from extractor.claude.brief import RepositoryContext
from extractor.claude.opened import opened
from extractor.claude.second_opinion import AskedThrough, SecondOpinion, limits_of
from extractor.claude.second_reader import Models
from extractor.claude.standing_context import StandingContext
from extractor.claude.vocabulary_meaning import Meanings
from extractor.rule_set import load_rules
from extractor.settings import API_KEY, ClaudeSettings


def claude_here(
    environment: Mapping[str, str], *, home: Path, store: Store | None, organisation: Organisation
) -> SecondOpinion | None:
    """What Claude makes of a push and its tree, asked at once: nobody comes back for the rest.

    None without a key. Raises ConfigurationError where what it needs besides cannot be used.
    """
    key = read_secret(API_KEY, environment)
    if key is None:
        return None
    # the SDK takes seconds that only those should pay who have a key
    from extractor.claude.door import ANTHROPIC, open_claude  # noqa: PLC0415

    settings = read_settings(ClaudeSettings, environment)
    model, _ = open_claude(key, settings.anthropic_base_url or ANTHROPIC)
    vocabulary = FollowedVocabulary(store).now() if store else Vocabulary()
    claude = opened(
        settings.database_url or Secret(f"sqlite:///{home.resolve() / 'state.db'}".encode()),
        model,
        models=Models(settings.claude_model, settings.claude_bulk_model),
        meaning=Meanings(lambda: vocabulary, load_rules().patterns).now,
        context=StandingContext(store).of if store else _only_name,
        clock=lambda: datetime.now(UTC),
    )
    return AskedThrough(claude.reader, claude.live(limits_of(organisation)))


def _only_name(repository: Repository) -> RepositoryContext:
    return RepositoryContext(repository.name)
