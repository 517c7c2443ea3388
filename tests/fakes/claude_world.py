"""An extractor with a second reader: real repositories, a real store, and a Claude told what to say."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from builders import NOON, pushed_commits, repository

from devnexus.events import CommitPushed, PatternsExtracted, SnapshotRequested
from devnexus.people.organisation import Organisation
from devnexus.people.vocabulary import Vocabulary
from devnexus.secrets import Secret
from extractor.claude.asking import LiveAsker
from extractor.claude.brief import RepositoryContext
from extractor.claude.opened import opened
from extractor.claude.request import Answered, Model, NotAnswered, Request, Usage
from extractor.claude.second_opinion import AskedThrough, SecondOpinion, limits_of
from extractor.claude.second_reader import Models
from extractor.claude.vocabulary_meaning import VocabularyMeaning
from extractor.extract import on_commit_pushed, on_snapshot_requested
from extractor.local_git import LocalGit
from extractor.reading import Reader
from extractor.rule_set import load_rules
from fakes.git_history import make_repository
from fakes.pubsub import FakePublisher

READER = Reader(load_rules())
MEANING = VocabularyMeaning(Vocabulary(), READER.rules.patterns)
USAGE = Usage(input_tokens=1000, output_tokens=100, cache_read_tokens=2000)
MODELS = Models(live="claude-sonnet-5-5", bulk="claude-haiku-5-5")

Says = Callable[[Request], Answered | NotAnswered]


def answered(content: object, *, stop: str = "complete") -> Answered:
    """An answer with `content`: a text, or what becomes JSON."""
    text = content if isinstance(content, str) else json.dumps(content)
    return Answered(text, stop, USAGE, MODELS.live)  # type: ignore[arg-type]


def claims(*patterns: tuple[str, str], file: int = 1) -> Mapping[str, object]:
    """What Claude says of one file: (name, quote) of each pattern."""
    said = [{"name": name, "quote": quote} for name, quote in patterns]
    return {"files": [{"file": file, "patterns": said, "decisions": [], "components": []}]}


class ScriptedClaude:
    """Answers each request as `says` tells, and remembers what it was asked."""

    def __init__(self, says: Says) -> None:
        self.says = says
        self.asked: list[Request] = []

    def ask(self, request: Request) -> Answered | NotAnswered:
        self.asked.append(request)
        return self.says(request)


class ClaudeWorld:
    """One extractor of any number on one store; `folder` holds the clones and the store."""

    def __init__(
        self,
        folder: Path,
        model: Model,
        *,
        organisation: Organisation | None = None,
        models: Models = MODELS,
        database_url: str | None = None,
    ) -> None:
        self.folder = folder
        self.source = LocalGit(folder)
        self.organisation = organisation or Organisation()
        self.now = datetime(2026, 11, 28, 12, tzinfo=UTC)
        self.publisher = FakePublisher()
        self.model = model
        self.claude = opened(
            Secret((database_url or f"sqlite:///{folder / 'state.db'}").encode()),
            model,
            models=models,
            meaning=lambda: MEANING,
            context=lambda repository: RepositoryContext(repository.name),
            clock=lambda: self.now,
        )

    def live_opinion(self) -> SecondOpinion:
        """One that asks about snapshots at once, too, as the command line does."""
        limits = limits_of(self.organisation)
        asker = LiveAsker(model=self.model, calls=self.claude.calls, limits=limits, clock=lambda: self.now)
        return AskedThrough(self.claude.reader, asker)

    def has(self, commits: Iterable[Mapping[str, str | None]], name: str = "acme/api") -> list[str]:
        return make_repository(self.folder / name, commits)

    def push(self, before: str, after: str, **changes: object) -> list[PatternsExtracted]:
        return self.take(pushed_commits(before, after, **changes))

    def snapshot(self, sha: str, opinion: SecondOpinion | None = None) -> list[PatternsExtracted]:
        return self.take(
            SnapshotRequested(
                cause="snapshot", repository=repository(), sha=sha, as_of=NOON, asked_by="test"
            ),
            opinion,
        )

    def take(
        self, event: CommitPushed | SnapshotRequested, opinion: SecondOpinion | None = None
    ) -> list[PatternsExtracted]:
        """The records that `event` makes, with an opinion of its own or that of the service."""
        before = len(self.publisher.published)
        use_case = on_commit_pushed if isinstance(event, CommitPushed) else on_snapshot_requested
        use_case(
            event,  # type: ignore[arg-type]
            source=self.source,
            reader=READER,
            publisher=self.publisher,
            organisation=self.organisation,
            opinion=opinion or self.claude.opinion,
        )
        return [one for one in self.publisher.published[before:] if isinstance(one, PatternsExtracted)]

    def pushes(self, commits: Iterable[str]) -> list[PatternsExtracted]:
        """The records of one push per commit, a minute after each other, without the first commit."""
        shas = list(commits)
        return [
            record
            for minute, (before, after) in enumerate(zip(shas, shas[1:], strict=False))
            for record in self.push(before, after, pushed_at=NOON + timedelta(minutes=minute))
        ]
