"""Remembers what never changes, up to a number of bytes."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

V = TypeVar("V")


class BoundedCache(Generic[V]):
    """Values by key, for many threads; the longest unused go first when `max_bytes` are exceeded."""

    def __init__(self, max_bytes: int, *, size: Callable[[V], int]) -> None:
        self._max_bytes = max_bytes
        self._size = size
        self._bytes = 0
        self._values: OrderedDict[str, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> V | None:
        """The value under `key`, None if it is not (any more) remembered."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key]

    def put(self, key: str, value: V) -> None:
        """Remember `value`, forgetting others for it."""
        with self._lock:
            if key in self._values:
                return
            self._values[key] = value
            self._bytes += self._size(value)
            while self._bytes > self._max_bytes and self._values:
                _, forgotten = self._values.popitem(last=False)
                self._bytes -= self._size(forgotten)

    def put_if_room(self, key: str, value: V) -> None:
        """Remember `value` unless another would have to be forgotten for it."""
        if self._bytes + self._size(value) <= self._max_bytes:
            self.put(key, value)
