"""The kb-writer: a worker that pulls, one instance of it, with its whole composition in this file."""

import logging
import os
import signal
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from devnexus.errors import ConfigurationError, Unavailable
from devnexus.knowledge.problem_domain import load_domains
from devnexus.knowledge.store import Damaged
from devnexus.knowledge.stores import open_store
from devnexus.pubsub import PubSubPublisher
from devnexus.settings import read_settings
from devnexus.start import starting
from devnexus.topology import load_topology
from kb_writer.consume import Consumer
from kb_writer.pull import Puller
from kb_writer.settings import Settings
from kb_writer.watchdog import SILENT_SECONDS, Watchdog

SUBSCRIPTION = "kb-writer"
BATCH = 500
_PAUSE_SECONDS = 1.0
_LOOK_AROUND_SECONDS = 30.0
"""How often an idle writer looks for commits of others, which nobody may have been told of."""

_log = logging.getLogger(__name__)


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    stop = threading.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: stop.set())
    run(os.environ, stop)


def run(
    environment: Mapping[str, str], stop: threading.Event, *, silent_seconds: float = SILENT_SECONDS
) -> None:
    """Take messages into the knowledge base until `stop`; then finish a commit and give the rest back.

    Ends the process where Pub/Sub answers nothing for `silent_seconds`.
    """
    subscription = load_topology().subscription(SUBSCRIPTION)
    with starting("kb-writer"):
        settings = read_settings(Settings, environment)
        load_domains()
        heartbeat = Watchdog(start_heartbeat(settings.heartbeat), seconds=silent_seconds)
        store = open_store(settings.knowledge, environment, access="write")
        publisher = PubSubPublisher(project=settings.project, source="/dev-nexus/kb-writer")
        puller = Puller(project=settings.project, subscription=subscription)
    consumer = Consumer(
        puller=puller,
        store=store,
        publisher=publisher,
        sender=publisher,
        subscription=subscription,
        stop=stop,
        beat=heartbeat.touch,
    )
    heartbeat.start()
    _log.info("ready")
    work(puller, consumer, heartbeat=heartbeat, stop=stop)
    puller.close()
    publisher.close()
    store.close()
    _log.info("stopped")


def start_heartbeat(file: Path) -> Path:
    """The whole path of the heartbeat, of which nothing is left of an earlier process.

    Raises ConfigurationError where it could not be kept.
    """
    path = Path(tempfile.gettempdir()) / file
    try:
        path.touch()
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationError(f"HEARTBEAT_FILE: {path} cannot be written: {error.strerror}") from error
    return path


def work(puller: Puller, consumer: Consumer, *, heartbeat: Watchdog, stop: threading.Event) -> None:
    """Pull and consume until `stop`; `heartbeat` is as old as the last pull that Pub/Sub answered.

    While we pause on purpose it is kept young: messages wait in Pub/Sub then, unleased.
    """
    look_around_at = time.monotonic()
    while not stop.is_set():
        if pause := consumer.pause_seconds():
            heartbeat.touch()
            stop.wait(min(pause, _LOOK_AROUND_SECONDS))
            if pause > _LOOK_AROUND_SECONDS:
                continue
        try:
            messages = puller.pull(BATCH, patiently=pause > 0)
            heartbeat.touch()
            if messages:
                consumer.consume(messages)
            elif time.monotonic() >= look_around_at:
                look_around_at = time.monotonic() + _LOOK_AROUND_SECONDS
                consumer.announce()
        except (Unavailable, Damaged) as error:
            heartbeat.failed(error)
            _log.warning("not now: %s", error)
            stop.wait(_PAUSE_SECONDS)
