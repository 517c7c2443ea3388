"""What makes deliveries that are due go out: a thread of this process, and whoever calls `POST /tick`.

On Cloud Run a thread gets CPU only during requests, so Scheduler calls; elsewhere nobody does, and the
thread is enough. Both at once do no harm.
"""

import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType

from flask import Blueprint, Response, jsonify

from devnexus.errors import Unavailable

_SECONDS = 5.0
"""The first retry is due after about so long."""

_log = logging.getLogger(__name__)


def tick_routes(deliver_due: Callable[[], int]) -> Blueprint:
    """`POST /tick`: deliver what is due and say how many attempts that took; 503 without the store."""
    blueprint = Blueprint("tick", __name__)

    @blueprint.post("/tick")
    def tick() -> tuple[Response, int]:
        try:
            return jsonify(attempts=deliver_due()), 200
        except Unavailable as error:
            _log.warning("not now: %s", error)
            return jsonify(error=str(error)), 503

    return blueprint


def start_ticking(
    deliver_due: Callable[[], int], stop: threading.Event, *, seconds: float = _SECONDS
) -> threading.Thread:
    """Deliver what is due, in a thread of its own, until `stop`; every so many seconds when nothing was."""
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


def _tick_until(deliver_due: Callable[[], int], stop: threading.Event, seconds: float) -> None:
    while not stop.is_set():
        if not _look(deliver_due):
            stop.wait(seconds)


def _look(deliver_due: Callable[[], int]) -> int:
    try:
        return deliver_due()
    except Unavailable as error:
        _log.warning("not now: %s", error)
    except Exception:  # noqa: BLE001 - a bug with one delivery must not end the others' retries
        _log.exception("a round of deliveries failed")
    return 0
