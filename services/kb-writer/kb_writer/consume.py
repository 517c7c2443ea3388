"""From messages in hand to knowledge: decode, commit, announce, acknowledge, in that order."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from devnexus.codec import decode
from devnexus.errors import Rejected, Unavailable
from devnexus.events import PatternsExtracted
from devnexus.knowledge.announcement import announcement
from devnexus.knowledge.history import Record
from devnexus.knowledge.layout import history_path
from devnexus.knowledge.store import Store
from devnexus.parking import Sender, park
from devnexus.pubsub import Publisher
from devnexus.topology import Subscription
from devnexus.values import canonical_json
from kb_writer.group_commit import Outcome, Writer
from kb_writer.pull import Puller, Received

_ANNOUNCED_IN_MIND = 50_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Hand:
    """Messages in hand, sorted by what is to become of them."""

    records: tuple[tuple[Received, Record], ...]
    parked: tuple[Received, ...]
    not_now: tuple[Received, ...]


class Consumer:
    """Takes batches of messages from a subscription into the knowledge base."""

    def __init__(
        self,
        *,
        puller: Puller,
        store: Store,
        publisher: Publisher,
        sender: Sender,
        subscription: Subscription,
    ) -> None:
        self._puller = puller
        self._store = store
        self._writer = Writer(store)
        self._publisher = publisher
        self._sender = sender
        self._subscription = subscription
        self._announced: dict[str, None] = {}

    def consume(self, messages: Sequence[Received]) -> None:
        """Commit what `messages` hold, and acknowledge each one only once it is safe.

        What can never be read is parked alone; what fails for now is given back; its neighbours are
        committed all the same. A bug that a batch runs into is met again by each message alone, so
        that only the one that causes it comes back.
        """
        with self._puller.holding(messages):
            hand = self._sort(messages)
            self._puller.acknowledge(hand.parked)
            self._puller.give_back(hand.not_now)
            self._commit(hand.records)

    def _commit(self, records: Sequence[tuple[Received, Record]]) -> None:
        if not records:
            return
        messages = [message for message, _ in records]
        try:
            self._write([record for _, record in records])
        except Unavailable as error:
            _log.warning("not now: %s", error, extra={"messages": len(messages)})
            self._puller.give_back(messages)
        except Exception:  # noqa: BLE001 - the writer's edge: a bug must not stop the neighbours
            if len(records) > 1:
                for one in records:
                    self._commit([one])
                return
            _log.exception("bug: this record could not be committed", extra={"event_id": records[0][1].id})
            self._puller.give_back(messages)
        else:
            self._puller.acknowledge(messages)

    def _write(self, records: Sequence[Record]) -> None:
        started = time.monotonic()
        outcome = self._writer.group_commit(records)
        for revision in self._to_announce(outcome):
            self._publisher.publish([announcement(self._store, revision)])
        self._remember(outcome)
        _log.info(
            "batch committed" if outcome.revision else "nothing new in batch",
            extra={
                "revision": outcome.revision,
                "records": len(outcome.new),
                "duplicates": len(records) - len(outcome.new),
                "duration_ms": round((time.monotonic() - started) * 1000),
            },
        )

    def _to_announce(self, outcome: Outcome) -> list[str]:
        """The new revision, and those of known records whose announcement a crash may have swallowed."""
        revisions: dict[str, None] = {}
        for record in outcome.known:
            if record.id not in self._announced:
                path = history_path(record.repository.id, record.at)
                text = '"record_id":' + canonical_json(record.record_id).decode()
                revisions.update(dict.fromkeys(self._store.revisions_with(text, path)))
        if outcome.revision:
            revisions[outcome.revision] = None
        return list(revisions)

    def _remember(self, outcome: Outcome) -> None:
        self._announced.update(dict.fromkeys(record.id for record in (*outcome.new, *outcome.known)))
        while len(self._announced) > _ANNOUNCED_IN_MIND:
            del self._announced[next(iter(self._announced))]

    def _sort(self, messages: Sequence[Received]) -> _Hand:
        records: list[tuple[Received, Record]] = []
        parked: list[Received] = []
        not_now: list[Received] = []
        for message in messages:
            try:
                records.append((message, _record(message)))
            except Rejected as rejection:
                (parked if self._park(message, rejection) else not_now).append(message)
            except Unavailable as error:
                _log.warning("not now: %s", error, extra={"message_id": message.message_id})
                not_now.append(message)
        return _Hand(tuple(records), tuple(parked), tuple(not_now))

    def _park(self, message: Received, rejection: Rejected) -> bool:
        fields = {"message_id": message.message_id, "event_id": message.attributes.get("ce-id")}
        try:
            park_id = park(
                message.data,
                message.attributes,
                reason=str(rejection),
                subscription=self._subscription,
                sender=self._sender,
            )
        except Unavailable as error:
            _log.warning("not now: could not park a rejected message: %s", error, extra=fields)
            return False
        _log.error("parked: %s", rejection, extra={**fields, "park_id": park_id})
        return True


def _record(message: Received) -> Record:
    event = decode(message.data, message.attributes)
    if not isinstance(event, PatternsExtracted):
        raise Unavailable(f"the writer does not handle {event.TYPE} (yet)")
    return event
