"""The files of an organisation as people keep them now, for services that need little else."""

import logging
import math
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Generic

from devnexus.errors import Unavailable
from devnexus.knowledge.last_good import LastGood, last_good
from devnexus.knowledge.store import Damaged, Store
from devnexus.people.organisation import ORGANISATION_PATH, Organisation
from devnexus.people.vocabulary import VOCABULARY_PATH, Vocabulary
from devnexus.people.yaml_file import S, parse

LOOK_EVERY_SECONDS = 30.0

_log = logging.getLogger(__name__)


class Followed(Generic[S]):
    """What one of people's files says; at most 30 s old while the knowledge base can be read."""

    def __init__(
        self, store: Store, path: str, kind: type[S], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._path = path
        self._kind = kind
        self._clock = clock
        self._lock = threading.Lock()
        self._revision: str | None = None
        self._read = LastGood[S](None)
        self._current: S | None = None
        self._looked_at = -math.inf

    def now(self) -> S:
        """What it says, the very same object while it says the same.

        That of before where the knowledge base cannot be read; Unavailable if it never could.
        """
        with self._lock:
            if self._clock() - self._looked_at >= LOOK_EVERY_SECONDS:
                self._look()
            assert self._current is not None
            return self._current

    def _look(self) -> None:
        try:
            revision = self._store.head()
            if revision != self._revision:
                self._take(last_good(self._store, self._path, partial(parse, self._kind), at=revision))
                self._revision = revision
        except (Unavailable, Damaged, OSError) as error:
            if self._current is None:
                raise Unavailable(f"{self._path} cannot be read: {error}") from error
            _log.warning("%s cannot be read; what it said before holds: %s", self._path, error)
        self._looked_at = self._clock()

    def _take(self, read: LastGood[S]) -> None:
        said = read.value or self._kind()
        if said != self._current:
            self._current = said
        if read.problem and read.problem != self._read.problem:
            _log.warning(
                "%s is used as of revision %s, since it has a mistake: %s",
                self._path,
                read.problem.used_revision,
                read.problem.message,
            )
        self._read = read


class FollowedOrganisation(Followed[Organisation]):
    """What `devnexus.yaml` says."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(store, ORGANISATION_PATH, Organisation, clock=clock)


class FollowedVocabulary(Followed[Vocabulary]):
    """What `vocabulary.yaml` says."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(store, VOCABULARY_PATH, Vocabulary, clock=clock)
