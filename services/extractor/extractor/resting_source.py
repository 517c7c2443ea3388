"""A source that is left alone while it wants to be: whoever comes meanwhile is turned away at once."""

import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from devnexus.errors import Unavailable
from devnexus.repository import Repository
from extractor.change import Change, Source, Tree

T = TypeVar("T")

LONGEST_SECONDS = 3600.0
"""GitHub's limits end within the hour."""


class RestingSource:
    """The Source behind it, which is not asked again before the time that it asked us to wait.

    GitHub's limits are those of an installation, so each owner rests by itself. This process remembers it and
    no other: another instance finds out with one question. Pub/Sub counts every refusal as an attempt, but a
    hundred attempts outlast 15 hours, since each waits longer than the one before, up to ten minutes.
    """

    def __init__(self, source: Source, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._clock = clock
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}

    def change(self, repository: Repository, *, before: str, after: str) -> Change:
        """As promised by Source."""
        return self._ask(repository, lambda: self._source.change(repository, before=before, after=after))

    def tree(self, repository: Repository, *, sha: str | None) -> Tree | None:
        """As promised by Source."""
        return self._ask(repository, lambda: self._source.tree(repository, sha=sha))

    def contents(
        self, repository: Repository, object_ids: Sequence[str], *, at: str, max_bytes: int
    ) -> list[bytes | None]:
        """As promised by Source."""
        return self._ask(
            repository,
            lambda: self._source.contents(repository, object_ids, at=at, max_bytes=max_bytes),
        )

    def root_files(self, repository: Repository, *, sha: str, names: Sequence[str]) -> dict[str, bytes]:
        """As promised by Source."""
        return self._ask(repository, lambda: self._source.root_files(repository, sha=sha, names=names))

    def _ask(self, repository: Repository, question: Callable[[], T]) -> T:
        owner = repository.name.partition("/")[0].lower()
        self._refuse_early(owner)
        try:
            return question()
        except Unavailable as error:
            if error.retry_after_seconds is not None:
                self._rest(owner, error.retry_after_seconds)
            raise

    def _refuse_early(self, owner: str) -> None:
        left = self._until.get(owner, -math.inf) - self._clock()
        if left > 0:
            raise Unavailable(
                f"the repositories of {owner} are left alone for another {left:.0f} s",
                retry_after_seconds=left,
            )

    def _rest(self, owner: str, seconds: float) -> None:
        with self._lock:
            until = self._clock() + min(max(seconds, 0.0), LONGEST_SECONDS)
            self._until[owner] = max(until, self._until.get(owner, until))
