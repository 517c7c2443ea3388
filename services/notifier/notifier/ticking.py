"""What makes deliveries that are due go out: a thread of this process, and whoever calls `POST /tick`.

On Cloud Run a thread gets CPU only during requests, so Scheduler calls; elsewhere nobody does, and the
thread is enough. Both at once do no harm.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

from flask import Blueprint, Response, jsonify

from devnexus.errors import Unavailable
from notifier.deliveries import Round

_LONGEST_SECONDS = 5.0
"""Between two looks at most: another process may have kept something in the meantime."""

_SHORTEST_SECONDS = 0.02
"""Between two looks at least, should what is due be in somebody else's hands."""

_TICK_SECONDS = 20.0
"""For so long one `POST /tick` goes on."""

_TICK_WAITS_SECONDS = 2.0
"""For so long it waits for what is due next, as it is where a target is paced."""

_log = logging.getLogger(__name__)


def tick_routes(deliver_due: Callable[[], Round], stop: threading.Event) -> Blueprint:
    """`POST /tick`: deliver what is due and say how many attempts that took; 503 without the store.

    Answers once nothing else is due for a while, after 20 s, or when the process is asked to end.
    """
    blueprint = Blueprint("tick", __name__)

    @blueprint.post("/tick")
    def tick() -> tuple[Response, int]:
        try:
            return jsonify(attempts=_work_off(deliver_due, stop)), 200
        except Unavailable as error:
            _log.warning("not now: %s", error)
            return jsonify(error=str(error)), 503

    return blueprint


def start_ticking(
    deliver_due: Callable[[], Round], stop: threading.Event, *, seconds: float = _LONGEST_SECONDS
) -> threading.Thread:
    """Deliver what is due, in a thread of its own, until `stop`: when it is, and every so many seconds."""
    thread = threading.Thread(
        target=_tick_until, args=(deliver_due, stop, seconds), name="ticking", daemon=True
    )
    thread.start()
    return thread


def stopped_by_sigterm() -> threading.Event:
    """An event that SIGTERM sets, before whatever else the process does about it. Main thread only."""
    stop = threading.Event()
    before = signal.getsignal(signal.SIGTERM)

    def on_sigterm(number: int, frame: FrameType | None) -> None:
        stop.set()
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, on_sigterm)
    signal.siginterrupt(signal.SIGTERM, False)  # as gunicorn has it: calls in progress go on
    return stop


def _work_off(deliver_due: Callable[[], Round], stop: threading.Event) -> int:
    attempts, until = 0, time.monotonic() + _TICK_SECONDS
    while True:
        done = deliver_due()
        attempts += done.attempts
        late = time.monotonic() > until or stop.is_set()
        if late or done.next_in is None or done.next_in > _TICK_WAITS_SECONDS:
            return attempts
        stop.wait(max(done.next_in, _SHORTEST_SECONDS))


def _tick_until(deliver_due: Callable[[], Round], stop: threading.Event, seconds: float) -> None:
    while not stop.is_set():
        next_in = _look(deliver_due)
        stop.wait(seconds if next_in is None else min(max(next_in, _SHORTEST_SECONDS), seconds))


def _look(deliver_due: Callable[[], Round]) -> float | None:
    try:
        return deliver_due().next_in
    except Unavailable as error:
        _log.warning("not now: %s", error)
    except Exception:  # noqa: BLE001 - a bug with one delivery must not end the others' retries
        _log.exception("a round of deliveries failed")
    return None
