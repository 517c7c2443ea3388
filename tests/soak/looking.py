"""Looks at what is left when all is over: the base, the broker, the store, the targets, the logs."""

import io
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, redirect_stderr
from pathlib import Path

from devnexus.events import PatternsExtracted
from devnexus.knowledge.analyses import analyses
from devnexus.knowledge.history import stored_records
from devnexus.knowledge.layout import HISTORY
from devnexus.knowledge.store import Store
from devnexus.parking import PARK_ID, PARK_REASON
from devnexus_cli.kb.verify import verify
from soak.found import DeadLetter, Ending, Found, Notice
from soak.pubsub import ObservedBroker

_GIVEN_UP = "Pub/Sub gave up after"
_COUNT = "CloudPubSubDeadLetterSourceDeliveryCount"
_POISON = "poison-"


def look(
    *,
    store: Store,
    broker: ObservedBroker,
    database: Path,
    took: Mapping[str, int],
    undelivered: Mapping[str, int],
    endings: Sequence[Ending],
    slow_ends: Sequence[str],
    logs: Path,
) -> Found:
    """All of it; the services must have ended."""
    head = store.head()
    records = stored_records(store, HISTORY, at=head)
    commits = [revision.id for revision in store.log(head) if revision.parent is not None]
    events = broker.events
    announced = events.get("knowledge-committed", {})
    computed = events.get("similarity-computed", {})
    wanted = {
        f"{revision}:{changed}"
        for revision, data in announced.items()
        for changed in _changed_by_pushes(data)
    }
    live = {id_ for id_, data in computed.items() if data.get("cause") == "live"}
    with closing(sqlite3.connect(database)) as connection:
        decided = {row[0] for row in connection.execute("SELECT about FROM decisions")}
        notices = _notices(connection, events.get("notifications", {}), took)
    with redirect_stderr(io.StringIO()):  # its progress
        verdict = verify(store, at=head)
    return Found(
        records=Counter(record.id for record in records),
        analyses=Counter(
            [
                *(one.record_id for one in analyses(records)),
                *(one.id for one in records if not isinstance(one, PatternsExtracted)),
            ]
        ),
        letters=tuple(_letters(broker)),
        commits=len(commits),
        unannounced=len(set(commits) - announced.keys()),
        uncomputed=len(wanted - computed.keys()),
        undecided=len(live - decided),
        notices=notices,
        verified=tuple(f"{one.place} {one.problem}" for one in verdict.findings),
        undelivered=undelivered,
        endings=tuple(endings),
        slow_ends=tuple(slow_ends),
        tracebacks=tuple(_tracebacks(logs)),
    )


def _changed_by_pushes(announcement: Mapping[str, object]) -> Iterator[str]:
    changed = announcement.get("changed")
    for one in changed if isinstance(changed, list) else ():
        if "live" in one["causes"]:
            yield one["repository"]


def _notices(
    connection: sqlite3.Connection, decided: Mapping[str, object], took: Mapping[str, int]
) -> dict[str, Notice]:
    query = "SELECT id, state, digest_id FROM deliveries"
    rows = {id_: (state, digest) for id_, state, digest in connection.execute(query)}
    found = {}
    for id_ in decided:
        if id_.startswith(_POISON):
            continue
        state, digest = rows.get(id_, ("nowhere", None))
        found[id_] = Notice(state, took.get(id_, 0) + (took.get(digest, 0) if digest else 0))
    return found


def _letters(broker: ObservedBroker) -> Iterator[DeadLetter]:
    seen = set()
    for settings in broker.directory.subscriptions():
        name = settings.name.rpartition("/")[2]
        if not name.endswith("-dead"):
            continue
        while deliveries := broker.pull(settings.name, 1000):
            for delivery in deliveries:
                told = delivery.message.attributes
                key = told.get(PARK_ID) or delivery.message.id
                if (name, key) not in seen:
                    seen.add((name, key))
                    reason = told.get(PARK_REASON) or f"{_GIVEN_UP} {told.get(_COUNT)} attempts"
                    yield DeadLetter(name.removesuffix("-dead"), told.get("ce-id", ""), reason)
            broker.acknowledge(settings.name, [delivery.ack_id for delivery in deliveries])


def _tracebacks(logs: Path) -> Iterator[str]:
    """The last line of each traceback in the logs, once for each service."""
    for path in sorted(logs.glob("*.log")):
        seen = set()
        for line in path.read_text(errors="replace").splitlines():
            if "Traceback (most recent call last)" in line:
                last = _last_line(line)
                if last not in seen:
                    seen.add(last)
                    yield f"{path.stem}: {last}"


def _last_line(line: str) -> str:
    try:
        text = json.dumps(json.loads(line))
    except ValueError:
        return line[:200]
    ends = re.findall(r"\\n([A-Za-z_.]+(?:Error|Exception|Exit)[^\\\"]{0,160})", text)
    return ends[-1] if ends else text[:200]
