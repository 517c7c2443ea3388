"""The use case: what similarity computed becomes requests to tell somebody, or waits until a run is over."""

import logging
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from typing import Protocol

from devnexus.errors import Unavailable
from devnexus.events import NotificationRequested, SimilarityComputed
from notifier import runs
from notifier.decide import Decision, decide
from notifier.remarks import Remark
from notifier.routes import Routes
from notifier.runs import LONGEST_SECONDS, QUIET_SECONDS, RunStore

_FORGET_SECONDS = 3600.0
"""How often it is looked for what nobody asks for any more."""

_log = logging.getLogger(__name__)


class SaidStore(Protocol):
    """Where it is kept what was said. Every method raises Unavailable if it may not have been kept."""

    def not_yet_told(
        self, event: SimilarityComputed, target: str, remarks: Sequence[Remark], *, now: float
    ) -> Collection[Remark]:
        """Those that the target was not told of in 30 days, save for this very event; told from now on.

        What was given up was not told.
        """

    def note(self, event: SimilarityComputed, decisions: Sequence[Decision], *, now: float) -> None:
        """Keep what was decided on the event."""

    def forget_old(self, *, now: float) -> None:
        """Drop what nobody asks for any more."""


class Telling:
    """Decides who is told of what. Redeliveries of an event make the same requests again."""

    def __init__(
        self,
        *,
        routes: Callable[[], Routes],
        said: SaidStore,
        runs: RunStore,
        publish: Callable[[Iterable[NotificationRequested]], None],
        accept: Callable[[NotificationRequested], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`publish` sends requests on their way, `accept` keeps one here."""
        self._routes = routes
        self._said = said
        self._runs = runs
        self._publish = publish
        self._accept = accept
        self._clock = clock
        self._forget_at = 0.0

    def computed(self, event: SimilarityComputed) -> None:
        """Act on one event. Raises Unavailable where what it needs cannot be had."""
        now = self._clock()
        if event.cause == "live":
            decisions = decide(event, self._routes(), partial(self._said.not_yet_told, event, now=now))
            self._publish([one.request for one in decisions if one.request])
            self._said.note(event, decisions, now=now)
        elif runs.belongs_to_a_run(event):
            runs.note(event, self._runs, now=now)

    def tell_finished_runs(self) -> None:
        """Tell of every run that has come to its end; again, where that was cut short, with the same ids.

        Where what it needs cannot be had the runs wait, and nothing else does.
        """
        try:
            now = self._clock()
            for run in self._runs.finished(now=now, quiet=QUIET_SECONDS, longest=LONGEST_SECONDS):
                for request in runs.requests_of(run, self._routes()):
                    self._accept(request)
                self._runs.told(run.id, now=self._clock())
            self._forget_old(now)
        except Unavailable as error:
            _log.warning("runs are told of later: %s", error)

    def _forget_old(self, now: float) -> None:
        if now >= self._forget_at:
            self._said.forget_old(now=now)
            self._forget_at = now + _FORGET_SECONDS
