"""Follows the head of the knowledge base, so that requests are answered from memory."""

import gc
import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from a2a_gateway.callers.caller import Caller
from a2a_gateway.knowledge.component_texts import ComponentTexts
from a2a_gateway.knowledge.past import Past
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.knowledge.visible import Visible
from devnexus.alike.following import FollowingIndex
from devnexus.errors import Unavailable
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.store import Damaged, Store
from devnexus.knowledge.view import View, Views

LOOK_EVERY_SECONDS = 1.0
FRESH_SECONDS = 5.0
"""Up to this age an answer may be given while another thread looks whether there is something newer."""

SAY_EVERY_SECONDS = 60.0
"""How often the log says how old what is served may be."""

_PATIENCE_SECONDS = 2.0
"""How long a request waits for that other thread when there is nothing that fresh."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Current:
    """What is known at the newest revision."""

    whole: View
    everything: Reading
    """For those who see all: what is not removed or excluded."""
    public: Reading
    """For all others; where nothing more is hidden from them it is the same one."""

    def for_(self, caller: Caller) -> Reading:
        return self.everything if caller.sees_all else self.public


class _Readings:
    """The readings of one view after the other; a step costs what is different in the next."""

    def __init__(self, store: Store) -> None:
        self._visible, self._visible_to_all = Visible(lambda _: True), Visible(_is_public)
        nothing = View(revision="", pages={})
        self._everything = Reading(nothing, FollowingIndex(), store, texts=ComponentTexts())
        self._public = Reading(nothing, FollowingIndex(), store, texts=ComponentTexts())

    def of(self, view: View) -> _Current:
        seen, seen_by_all = self._visible.of(view), self._visible_to_all.of(view)
        self._everything = self._everything.followed_by(seen.view, seen.hidden).prepared()
        if seen_by_all.hidden == seen.hidden and seen_by_all.view.pages.keys() == seen.view.pages.keys():
            return _Current(view, self._everything, self._everything)
        self._public = self._public.followed_by(seen_by_all.view, seen_by_all.hidden)
        return _Current(view, self._everything, self._public)


def _is_public(page: Projection) -> bool:
    return page.visibility == "public" and not page.archived


class ReadModel:
    """The last readable state of the store. Looks when asked, one thread at a time: at most once a second,
    and where it keeps looking in a thread of its own, others only where that one is late."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._views = Views(store)
        self._readings = _Readings(store)
        self._past = Past(store)
        self._clock = clock
        self._looking = threading.Lock()
        self._looks = 0
        """How many were begun."""
        self._asked, self._ended = threading.Event(), threading.Event()
        self._look_after_seconds = LOOK_EVERY_SECONDS
        self._began_at, self._said_at = clock(), -math.inf
        self._current: _Current | None = None
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
        current = self._newest()
        now, stale = current.for_(caller), self._stale_seconds()
        reading = self._past.reading(as_of, now=now, whole=current.whole) if as_of else now
        return reading.aged(stale) if stale else reading

    def at_hand(self, caller: Caller) -> Reading | None:
        """The newest reading where it can be had without waiting for anything, else None."""
        self._asked.set()
        is_due = self._clock() - self._looked_at >= self._look_after_seconds
        return self._current.for_(caller) if self._current and not is_due and not self._problem else None

    def _newest(self) -> _Current:
        self._asked.set()
        if self._clock() - self._looked_at >= self._look_after_seconds:
            self._look_unless_another_does()
        if self._current is None:
            raise Unavailable(self._problem or "the knowledge base is still being read")
        return self._current

    def warm_up(self) -> None:
        """Read what is there, so that the first request need not wait; a failure shows in the answers.

        What was read stays: the collector of garbage need not go through a million objects again and again,
        which would take a quarter of a second each time.
        """
        gc.disable()
        gc.freeze()  # the program itself
        self._look_unless_another_does()
        gc.enable()
        gc.collect()
        gc.freeze()

    def keep_looking(self) -> None:
        """Look once a second while somebody asks, so that no request has to wait for the store.

        At once, and once a minute, look unasked, and say how old what there is may be.
        """
        self._look_after_seconds = 2 * LOOK_EVERY_SECONDS
        threading.Thread(target=self._look_while_asked, name="read-model", daemon=True).start()

    def end(self) -> None:
        """Look no more."""
        self._ended.set()
        self._asked.set()

    def _look_while_asked(self) -> None:
        while not self._ended.is_set():
            self._asked.wait(max(0.0, self._said_at + SAY_EVERY_SECONDS - self._clock()))
            self._asked.clear()
            self._look_unless_another_does()
            self.say_age()
            self._ended.wait(LOOK_EVERY_SECONDS)

    def say_age(self) -> None:
        """Log how old what is served may be, unless that was said within the last minute."""
        now = self._clock()
        if now - self._said_at >= SAY_EVERY_SECONDS:
            self._said_at = now
            level = logging.WARNING if self._stale_seconds() else logging.INFO
            age = now - max(self._confirmed_at, self._began_at)
            _log.log(level, "age of the read model", extra={"age_ms": round(age * 1000)})

    def catch_up(self) -> None:
        """Know whatever is committed by now, as far as that is to be had within seconds.

        Of many who ask at once, one looks for all.
        """
        begun = self._looks
        if self._looking.acquire(timeout=_PATIENCE_SECONDS):
            try:
                if self._looks == begun:
                    self._look()
            finally:
                self._looking.release()

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
        self._looks += 1
        try:
            view = self._views.head()
            if self._current is None or view.revision != self._current.whole.revision:
                self._current = self._readings.of(view)
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
