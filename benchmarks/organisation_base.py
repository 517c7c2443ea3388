"""A knowledge base of many repositories, through the real fold, made once and kept for the next benchmark."""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random

from pushes import PushingRepository

from devnexus.events import Record, RuntimeIssueReported
from devnexus.knowledge.stores.git_store import create_git_store, open_git_store
from devnexus.repository import Repository
from kb_writer.group_commit import Writer

_BATCH = 500
_VERSION = 1
"""Of what is written below: a base of another one is not taken."""

_TROUBLED = 3
"""One repository in three had issues in production."""

_ISSUES_EACH = 6
_PATTERNS = ("Retry backoff", "Redis caching", "Task queue", "Circuit breaker", "Orm")


def organisation_base(repositories: int, pushes: int) -> Path:
    """The bare repository with so many pushes of so many repositories; it must not be written to.

    Its newest push and its issues are of today: health looks at the last month.
    """
    name = f"devnexus-benchmark-base-{_VERSION}-{repositories}-{pushes}-{datetime.now(UTC):%Y%m%d}.git"
    path = Path(tempfile.gettempdir()) / name
    if not path.is_dir():
        unfinished = path.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        _build(unfinished, repositories, pushes)
        unfinished.rename(path)
    return path


def _build(path: Path, repositories: int, pushes: int) -> None:
    create_git_store(path)
    store = open_git_store(path)
    writer, started, written = Writer(store), time.monotonic(), 0
    for batch in _batches(_records(repositories, pushes)):
        writer.group_commit(batch)
        written += len(batch)
        if written % (_BATCH * 20) == 0:
            seconds = time.monotonic() - started
            print(f"building a base: {written:,} records, {seconds:.0f} s", file=sys.stderr)
    store.close()


def _records(repositories: int, pushes: int) -> Iterator[Record]:
    for number in range(1, repositories + 1):
        one = PushingRepository(number)
        yield from islice(one.pushes(), pushes)
        if number % _TROUBLED == 0:
            yield from _issues(one.repository, Random(number))


def _issues(repository: Repository, random: Random) -> Iterator[Record]:
    for number in range(_ISSUES_EACH):
        at = datetime.now(UTC) - timedelta(days=random.uniform(0, 60))
        yield RuntimeIssueReported(
            cause="live",
            repository=repository,
            at=at,
            caller="benchmark",
            skill="add_runtime_issue",
            key=f"{repository.id} {number}",
            issue_type=random.choice(["error", "timeout", "crash"]),
            severity=random.choice(["low", "medium", "high", "critical"]),
            service_type="cloud_run",
            log_snippet="deadline exceeded after 30 s while asking the service that keeps the invoices",
            pattern_reference=random.choice(_PATTERNS),
        )


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    left = iter(records)
    while batch := list(islice(left, _BATCH)):
        yield batch
