"""Push records as a reader of code makes them, the same for the same seed: what benchmarks write."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from devnexus.events import PatternsExtracted
from devnexus.events.patterns_extracted import (
    SKETCH_SIZE,
    Commit,
    Component,
    Dependency,
    EvidenceRow,
    FileReading,
    Kind,
    Manifest,
    Pattern,
    Receipt,
)
from devnexus.git_names import NO_COMMIT
from devnexus.repository import Repository
from devnexus.timestamps import write

_START = datetime(2026, 1, 1, 8, tzinfo=UTC)
_BETWEEN_PUSHES = timedelta(hours=9)
"""Two or three pushes a day."""

_SOURCE_FILES = 40
_COMPONENT_FILES = 12
"""Of the files of source those that hold a documented class or function for others."""

_RULES: tuple[tuple[str, str, Kind], ...] = (
    ("retry-backoff", "resilience", "code"),
    ("redis-caching", "caching", "import"),
    ("rest-api", "api", "code"),
    ("health-check", "operations", "code"),
    ("structured-logging", "observability", "import"),
    ("metrics", "observability", "import"),
    ("jwt-auth", "security", "code"),
    ("orm", "data", "import"),
    ("schema-validation", "data", "code"),
    ("task-queue", "messaging", "code"),
    ("circuit-breaker", "resilience", "code"),
    ("pubsub", "messaging", "import"),
    ("container", "operations", "config"),
    ("ci-cd", "operations", "config"),
)
_PACKAGES = (
    *("flask", "redis", "tenacity", "pydantic", "sqlalchemy", "celery", "prometheus-client", "structlog"),
    *("pyjwt", "httpx", "pytest", "ruff", "mypy", "gunicorn", "google-cloud-pubsub", "boto3", "alembic"),
)
_WORDS = ("retry", "order", "cache", "invoice", "timeout", "client", "report", "login", "export", "index")


class PushingRepository:
    """One repository that is pushed to again and again."""

    def __init__(self, number: int, *, seed: int = 7) -> None:
        self._random = Random(f"{seed} {number}")
        self.repository = Repository(
            id=f"github.com/{number}",
            name=f"acme/service-{number:04}",
            default_branch="main",
            url=f"https://github.com/acme/service-{number:04}",
        )
        self._rules = self._random.sample(_RULES, k=self._random.randint(5, 12))
        self._packages = sorted(self._random.sample(_PACKAGES, k=self._random.randint(6, 14)))
        self._head = NO_COMMIT
        self._at = _START + timedelta(seconds=self._random.randrange(36_000))

    def pushes(self) -> Iterator[PatternsExtracted]:
        """One push after the other, without end."""
        while True:
            yield self.push()

    def push(self) -> PatternsExtracted:
        """The next push: three to eight files, a manifest now and then."""
        random = self._random
        before, self._head = self._head, random.randbytes(20).hex()
        self._at += _BETWEEN_PUSHES * random.uniform(0.2, 1.8)
        numbers = random.sample(range(_SOURCE_FILES), k=random.randint(3, 8))
        files = [self._source(number) for number in sorted(numbers)]
        if before == NO_COMMIT or random.random() < 0.1:
            files.append(self._manifest())
        used = {row.rule for file in files for row in file.rows}
        return PatternsExtracted(
            cause="live",
            repository=self.repository,
            subject="push",
            record_id=f"{self.repository.id}:refs/heads/main:{before}..{self._head}@{write(self._at)}",
            at=self._at,
            ref="refs/heads/main",
            before=before,
            after=self._head,
            coverage="change",
            analysis=random.randbytes(8).hex(),
            commits=tuple(self._commit(sha) for sha in (self._head, random.randbytes(20).hex())),
            commit_count=2,
            files=tuple(files),
            patterns=tuple(
                Pattern(id=rule, name=rule.replace("-", " ").capitalize(), category=category)
                for rule, category, _ in self._rules
                if rule in used
            ),
            receipt=Receipt(reader="rules", rules_version=1, files=len(files), read=len(files)),
        )

    def _commit(self, sha: str) -> Commit:
        words = " ".join(self._random.sample(_WORDS, k=4))
        return Commit(sha=sha, author="Ada Lovelace", message=f"Let the {words}")

    def _source(self, number: int) -> FileReading:
        folder = ("api", "domain", "adapters", "jobs")[number % 4]
        rows = [
            self._row(rule, kind)
            for position, (rule, _, kind) in enumerate(self._rules)
            if (number + position) % 9 == 0
        ]
        return FileReading(
            path=f"src/service/{folder}/module_{number:02}.py",
            status="modified",
            language="Python",
            rows=tuple(rows),
            components=(self._component(number),) if number < _COMPONENT_FILES else (),
        )

    def _row(self, rule: str, kind: Kind) -> EvidenceRow:
        start = self._random.randint(1, 200)
        return EvidenceRow(
            rule=rule,
            kind=kind,
            start=start,
            end=start + self._random.randint(0, 4),
            quote=self._random.randbytes(8).hex(),
            weight=self._random.choice([0.55, 0.6, 0.7, 0.8]),
            introduced=self._random.random() < 0.2,
        )

    def _component(self, number: int) -> Component:
        """The same code for weeks: it changes with every tenth push of its file."""
        code = Random(f"{self.repository.id} {number} {self._random.randrange(10)}")
        start = code.randint(10, 60)
        return Component(
            name=f"Gateway{number}",
            kind="class",
            start=start,
            end=start + code.randint(20, 90),
            description="Speaks to the service that keeps the invoices, and retries what may be retried.",
            public_methods=("close", "fetch", "send", "status"),
            digest=code.randbytes(8).hex(),
            sketch=tuple(sorted(code.randbytes(4).hex() for _ in range(SKETCH_SIZE))),
        )

    def _manifest(self) -> FileReading:
        needed = (
            Dependency(name=name, requirement=f">={len(name)}.{self._random.randrange(9)}", line=line)
            for line, name in enumerate(self._packages, start=8)
        )
        return FileReading(
            path="pyproject.toml",
            status="modified",
            manifest=Manifest(
                ecosystem="pypi",
                name=self.repository.name.rpartition("/")[2],
                description="Keeps the invoices of all customers and tells them when one is due.",
                dependencies=tuple(needed),
            ),
        )


def one_after_the_other(repositories: int, *, seed: int = 7) -> Iterator[PatternsExtracted]:
    """A push of each repository in turn, without end."""
    everyone = [PushingRepository(number, seed=seed) for number in range(1, repositories + 1)]
    while True:
        for one in everyone:
            yield one.push()
