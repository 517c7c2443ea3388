"""What goes wrong in production at times, played on demand: duplicates, late acks, outages, disorder."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Faults:
    """The script of one broker; without a call it plays nothing.

    Wherever `every` is asked for, the first one is hit and then every n-th; 0 ends it.
    """

    def __init__(self, *, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._duplicates: dict[str, int] = {}
        self._late_acks: dict[str, int] = {}
        self._seen: Counter[tuple[str, str]] = Counter()
        self._random: random.Random | None = None
        self._outages = 0

    def duplicate(self, subscription: str, *, every: int) -> None:
        """Store every n-th new message of `subscription` twice, under the same message id."""
        self._duplicates[subscription] = every

    def late_ack(self, subscription: str, *, every: int) -> None:
        """Let every n-th acknowledgement come too late: it is accepted, but the lease had just expired.

        The message comes again after the retry policy's pause. With `every=1` it never ends.
        """
        self._late_acks[subscription] = every

    def shuffle(self, seed: int) -> None:
        """Deliver in a random order from now on, the same one for the same seed and the same calls."""
        self._random = random.Random(seed)  # nosec B311  # repeatable faults

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Answer every call with UNAVAILABLE and start no push, until the block ends."""
        self._outages += 1
        self._changed()
        try:
            yield
        finally:
            self._outages -= 1
            self._changed()

    @property
    def out_of_service(self) -> bool:
        """Whether an outage is being played."""
        return self._outages > 0

    def copies(self, subscription: str) -> int:
        """How often the broker stores the next message of `subscription`."""
        return 2 if self._hit("duplicate", subscription, self._duplicates) else 1

    def comes_late(self, subscription: str) -> bool:
        """Whether the next acknowledgement on `subscription` comes too late."""
        return self._hit("late ack", subscription, self._late_acks)

    def pick(self, count: int) -> int:
        """Which of `count` ready messages is delivered next: the first, unless deliveries are shuffled."""
        return self._random.randrange(count) if self._random else 0

    def _hit(self, fault: str, subscription: str, script: dict[str, int]) -> bool:
        every = script.get(subscription, 0)
        if not every:
            return False
        count = self._seen[fault, subscription]
        self._seen[fault, subscription] += 1
        return count % every == 0
