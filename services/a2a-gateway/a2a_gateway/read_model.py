"""Follows the head of the knowledge base, so that requests are answered from memory."""

import dataclasses
import logging
import math
import threading
import time
from collections.abc import Callable

from a2a_gateway.answer import CannotAnswer
from a2a_gateway.caller import Caller
from a2a_gateway.component_texts import ComponentTexts
from a2a_gateway.reading import Reading
from devnexus.alike.following import FollowingIndex
from devnexus.errors import Unavailable
from devnexus.knowledge.store import Damaged, Store
from devnexus.knowledge.view import Views

LOOK_EVERY_SECONDS = 1.0
FRESH_SECONDS = 5.0
"""Up to this age an answer may be given while another thread looks whether there is something newer."""

_PATIENCE_SECONDS = 2.0
"""How long a request waits for that other thread when there is nothing that fresh."""

_log = logging.getLogger(__name__)


class ReadModel:
    """The last readable state of the store. Looks when asked: at most once a second, one thread at a time."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._views = Views(store)
        self._index = FollowingIndex()
        self._texts = ComponentTexts()
        self._clock = clock
        self._looking = threading.Lock()
        self._current: Reading | None = None
        self._looked_at = -math.inf
        self._confirmed_at = -math.inf
        """When the store last said that `_current` is the newest."""
        self._problem: str | None = None
        """Why it did not say so when last asked."""

    def reading(self, caller: Caller, *, as_of: str = "") -> Reading:
        """What is known of what this caller may see, or was known at that revision or time.

        Raises Unavailable as long as nothing could be read: never an empty answer. Raises CannotAnswer where
        `as_of` names no revision and no time of this knowledge base.
        """
        if as_of:
            raise CannotAnswer("as_of: not yet")
        if self._clock() - self._looked_at >= LOOK_EVERY_SECONDS:
            self._look_unless_another_does()
        current = self._current
        if current is None:
            raise Unavailable(self._problem or "the knowledge base is still being read")
        stale = self._stale_seconds()
        return dataclasses.replace(current, stale_seconds=stale) if stale else current

    def warm_up(self) -> None:
        """Read what is there, so that the first request need not wait; a failure shows in the answers."""
        self._look_unless_another_does()

    def _look_unless_another_does(self) -> None:
        patience = 0.0 if self._is_good_enough() else _PATIENCE_SECONDS
        if self._looking.acquire(timeout=patience):
            try:
                if self._clock() - self._looked_at >= LOOK_EVERY_SECONDS:
                    self._look()
            finally:
                self._looking.release()

    def _is_good_enough(self) -> bool:
        """Whether what is there may be served; in an outage everything there is may, with its age said."""
        is_fresh = self._clock() - self._confirmed_at <= FRESH_SECONDS
        return self._current is not None and (is_fresh or self._problem is not None)

    def _look(self) -> None:
        try:
            view = self._views.head()
            if self._current is None or view.revision != self._current.revision:
                self._current = Reading(view, self._index, self._store, texts=self._texts)
        except (Unavailable, Damaged, OSError) as error:
            self._note(str(error))
        else:
            self._note(None)
            self._confirmed_at = self._clock()
        self._looked_at = self._clock()

    def _note(self, problem: str | None) -> None:
        if problem and not self._problem:
            _log.error("the knowledge base cannot be read; serving what was read before: %s", problem)
        if self._problem and not problem:
            _log.info("the knowledge base can be read again")
        self._problem = problem

    def _stale_seconds(self) -> int:
        age = self._clock() - self._confirmed_at
        return max(1, round(age)) if self._problem or age > FRESH_SECONDS else 0
