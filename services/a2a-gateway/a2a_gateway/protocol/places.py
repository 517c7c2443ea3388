"""How much may be under way at once, so that nobody takes all of it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from a2a.utils.errors import A2AError

from a2a_gateway.callers.caller import Caller
from a2a_gateway.protocol.errors import NoRoom, TooMany


class Places:
    """Room for so many, and for so many of one caller; for one event loop.

    Those who do not say who they are are one caller.
    """

    def __init__(self, of: str, *, most: int, per_caller: int) -> None:
        """`of`: what takes the places, as callers read it."""
        self._of = of
        self._most = most
        self._per_caller = per_caller
        self._taken: Counter[str] = Counter()

    def why_not(self, caller: Caller) -> A2AError | None:
        """Why there is no place for this caller at the moment; None where there is one."""
        if self._taken[caller.name] >= self._per_caller:
            return TooMany(f"You have {self._per_caller} {self._of} already. Wait until one has ended")
        if self._taken.total() >= self._most:
            return NoRoom(f"There are too many {self._of} at the moment. Try again in a while")
        return None

    @contextmanager
    def taken(self, caller: Caller) -> Iterator[None]:
        """One place, for as long as the block takes."""
        self._taken[caller.name] += 1
        try:
            yield
        finally:
            self._taken[caller.name] -= 1
            if not self._taken[caller.name]:
                del self._taken[caller.name]


def stream_places() -> Places:
    """For streams: each is a connection, and what a slow reader has not taken yet."""
    return Places("open streams", most=200, per_caller=50)


def working_places() -> Places:
    """For calls that take long, or wait for a commit: some tens of kilobytes each."""
    return Places("calls under way", most=1000, per_caller=200)
