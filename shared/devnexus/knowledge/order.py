"""The order in which records take effect: a pure function of their set."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby

from devnexus.events import PatternsExtracted, Record


def in_order(records: Iterable[Record], *, head: str | None = None) -> list[Record]:
    """Records by `at`; among equals a push follows what produced its `before`, a snapshot its push.

    There must be one record for each push or snapshot. Where that leaves a choice, the record that
    continues from where the one before it ended (at first: `head`) comes first, then the smallest id; a
    circle among equals (A→B and B→A within one second) is entered in the same way.
    """
    ordered: list[Record] = []
    by_time = sorted(records, key=lambda record: (record.at, _key(record)))
    for _, group in groupby(by_time, key=lambda record: record.at):
        for record in _Group(list(group)).chain(head):
            ordered.append(record)
            head = _end(record, head)
    return ordered


class _Group:
    """Records of one instant, sorted by id."""

    def __init__(self, records: list[Record]) -> None:
        self._waiting = {_key(record): record for record in records}
        analyses = [record for record in records if isinstance(record, PatternsExtracted)]
        self._pushes_to = Counter(r.after for r in analyses if r.subject == "push")
        self._snapshots_of = Counter(r.after for r in analyses if r.subject == "snapshot")
        self._from: dict[str | None, list[Record]] = defaultdict(list)
        for record in records:
            self._from[_origin(record)].append(record)
        self._free = [_key(record) for record in records if self._is_free(record)]
        self._all = [_key(record) for record in records]

    def chain(self, head: str | None) -> Iterator[Record]:
        """The records, in the order in which they take effect after `head`."""
        while self._waiting:
            record = self._next(head)
            del self._waiting[_key(record)]
            if isinstance(record, PatternsExtracted):
                self._release(record)
            head = _end(record, head)
            yield record

    def _next(self, head: str | None) -> Record:
        following = [r for r in self._from[head] if _key(r) in self._waiting] if head else []
        self._from[head] = following
        return (
            next((record for record in following if self._is_free(record)), None)
            or self._smallest(self._free)
            or next(iter(following), None)
            or self._smallest(self._all)
            or next(iter(self._waiting.values()))
        )

    def _smallest(self, heap: list[str]) -> Record | None:
        while heap:
            if record := self._waiting.get(heap[0]):
                return record
            heapq.heappop(heap)
        return None

    def _is_free(self, record: Record) -> bool:
        origin = _origin(record)
        if origin is None or not isinstance(record, PatternsExtracted):
            return True
        if record.subject == "snapshot":
            return self._pushes_to[origin] == 0
        itself = 1 if record.after == origin else 0
        return self._pushes_to[origin] + self._snapshots_of[origin] == itself

    def _release(self, record: PatternsExtracted) -> None:
        produced = self._pushes_to if record.subject == "push" else self._snapshots_of
        produced[record.after] -= 1
        for follower in self._from.get(record.after, ()):
            if self._is_free(follower):
                heapq.heappush(self._free, _key(follower))


def _key(record: Record) -> str:
    """What there is one record of: the push or snapshot of an analysis, else the record itself."""
    return record.record_id if isinstance(record, PatternsExtracted) else record.id


def _end(record: Record, head: str | None) -> str | None:
    """The commit that the repository is known to be at after `record`."""
    return record.after if isinstance(record, PatternsExtracted) else head


def _origin(record: Record) -> str | None:
    """The commit that must have been produced before this record takes effect."""
    if not isinstance(record, PatternsExtracted):
        return None
    return record.after if record.subject == "snapshot" else record.before
