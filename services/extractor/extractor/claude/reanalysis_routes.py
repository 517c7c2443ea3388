"""What makes rounds of re-analysis happen: a thread of this process, and whoever calls `POST /reanalyse`.

On Cloud Run a thread gets CPU only during requests, so Scheduler calls; elsewhere nobody does, and the
thread is enough. Both at once do no harm.
"""

import logging
import threading
from collections.abc import Callable

from flask import Blueprint, Response, jsonify

from devnexus.errors import Unavailable
from extractor.claude.reanalysis import Round

LOOK_EVERY_SECONDS = 60.0

_log = logging.getLogger(__name__)


def reanalysis_routes(run: Callable[[], Round]) -> Blueprint:
    """`POST /reanalyse`: one round, and what it did as JSON; 503 without the operational store."""
    blueprint = Blueprint("reanalyse", __name__)

    @blueprint.post("/reanalyse")
    def reanalyse() -> tuple[Response, int]:
        try:
            return jsonify(run().facts()), 200
        except Unavailable as error:
            _log.warning("not now: %s", error)
            return jsonify(error=str(error)), 503

    return blueprint


def start_reanalysing(
    run: Callable[[], Round], stop: threading.Event, *, seconds: float = LOOK_EVERY_SECONDS
) -> threading.Thread:
    """Make rounds in a thread of its own until `stop`."""
    thread = threading.Thread(target=_until, args=(run, stop, seconds), name="reanalysing", daemon=True)
    thread.start()
    return thread


def _until(run: Callable[[], Round], stop: threading.Event, seconds: float) -> None:
    while not stop.wait(seconds):
        try:
            run()
        except Unavailable as error:
            _log.warning("not now: %s", error)
        except Exception:  # noqa: BLE001 - a bug with one batch must not end the others' turns
            _log.exception("a round of re-analysis failed")
