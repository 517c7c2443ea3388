"""The organisation's settings of now, for services that only need those: read again now and then."""

import logging
import math
import threading
import time
from collections.abc import Callable
from functools import partial

from devnexus.errors import Unavailable
from devnexus.knowledge.last_good import LastGood, last_good
from devnexus.knowledge.store import Damaged, Store
from devnexus.people.organisation import ORGANISATION_PATH, Organisation
from devnexus.people.yaml_file import parse

LOOK_EVERY_SECONDS = 30.0

_log = logging.getLogger(__name__)


class FollowedOrganisation:
    """What `devnexus.yaml` says; at most 30 s old while the knowledge base can be read."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._revision: str | None = None
        self._read = LastGood[Organisation](None)
        self._current: Organisation | None = None
        self._looked_at = -math.inf

    def now(self) -> Organisation:
        """The settings, the very same object while they say the same.

        Those of before where the knowledge base cannot be read; Unavailable if it never could.
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
                self._take(
                    last_good(self._store, ORGANISATION_PATH, partial(parse, Organisation), at=revision)
                )
                self._revision = revision
        except (Unavailable, Damaged, OSError) as error:
            if self._current is None:
                raise Unavailable(f"{ORGANISATION_PATH} cannot be read: {error}") from error
            _log.warning("%s cannot be read; what it said before holds: %s", ORGANISATION_PATH, error)
        self._looked_at = self._clock()

    def _take(self, read: LastGood[Organisation]) -> None:
        organisation = read.value or Organisation()
        if organisation != self._current:
            self._current = organisation
        if read.problem and read.problem != self._read.problem:
            _log.warning(
                "%s is used as of revision %s, since it has a mistake: %s",
                ORGANISATION_PATH,
                read.problem.used_revision,
                read.problem.message,
            )
        self._read = read
