"""Where the keys come from that tokens are checked with: at hand, or fetched and kept."""

import asyncio
import logging
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from devnexus.errors import Unavailable
from devnexus.identity.key_set import KeySet

ASK_AGAIN_SECONDS = 60.0
"""Between two times that an issuer is asked, whatever ids of keys callers make up."""

RETRY_SECONDS = 5.0
"""The same, while there is no key at all yet."""

_PATIENCE_SECONDS = 6.0
"""How long somebody waits for keys: longer than a fetch takes, unless it hangs in looking up a name."""

_log = logging.getLogger(__name__)


class IssuerKeys(Protocol):
    """The public keys of one issuer."""

    async def key(self, id_: str) -> RSAPublicKey | None:
        """The key of that id, or None if the issuer has no such key.

        Raises Unavailable where that cannot be said, since the issuer's keys cannot be had.
        """

    def key_in_thread(self, id_: str) -> RSAPublicKey | None:
        """As `key`, for a thread that may wait."""


@dataclass(frozen=True)
class Fetched:
    """Keys, and for how long they may be kept."""

    keys: KeySet
    seconds: float


@dataclass(frozen=True)
class _Held:
    keys: KeySet = field(default_factory=dict)
    until: float = -math.inf
    asked_at: float = -math.inf
    problem: str = "they have not been fetched yet"
    """Why `keys` may not be the newest; empty if they were when last asked for."""


class FixedKeys:
    """Keys that were read at the start."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys

    async def key(self, id_: str) -> RSAPublicKey | None:
        """The key of that id."""
        return self._keys.get(id_)

    def key_in_thread(self, id_: str) -> RSAPublicKey | None:
        """The key of that id."""
        return self._keys.get(id_)


class FetchedKeys:
    """Keys that an issuer publishes and changes from time to time.

    A key that is known is there at once: keys that are older than they should be are fetched anew meanwhile,
    and are kept while that fails. Only who names a key that is not known waits.
    """

    def __init__(
        self,
        fetch: Callable[[], Fetched],
        *,
        clock: Callable[[], float] = time.monotonic,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        """`fetch` raises Unavailable where there are no keys to be had; it is called in a thread."""
        self._fetch = fetch
        self._clock = clock
        self._patience_seconds = patience_seconds
        self._held = _Held()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="issuer-keys")
        self._starting = threading.Lock()
        self._under_way: Future[None] | None = None

    async def key(self, id_: str) -> RSAPublicKey | None:
        """The key of that id; None only if the issuer was asked within the last minute and has none."""
        if known := self._at_hand(id_):
            return known
        if under_way := self._asking():
            try:
                async with asyncio.timeout(self._patience_seconds):
                    await asyncio.shield(asyncio.wrap_future(under_way))
            except TimeoutError as error:
                raise _late() from error
        return self._found(id_)

    def key_in_thread(self, id_: str) -> RSAPublicKey | None:
        """As `key`, for a thread that may wait."""
        if known := self._at_hand(id_):
            return known
        if under_way := self._asking():
            try:
                under_way.result(self._patience_seconds)
            except TimeoutError as error:
                raise _late() from error
        return self._found(id_)

    def _at_hand(self, id_: str) -> RSAPublicKey | None:
        """The key if it is known; keys that are older than they should be are fetched anew meanwhile."""
        known = self._held.keys.get(id_)
        if known and self._clock() >= self._held.until:
            self._asking()
        return known

    def _found(self, id_: str) -> RSAPublicKey | None:
        """The key after the issuer was asked; raise Unavailable if that was in vain."""
        held = self._held
        if id_ not in held.keys and held.problem:
            raise Unavailable(held.problem, retry_after_seconds=RETRY_SECONDS)
        return held.keys.get(id_)

    def _asking(self) -> Future[None] | None:
        """The one fetch that is under way, begun here if it is time for one."""
        with self._starting:  # for a moment: nothing is fetched under it
            if self._under_way is None and self._clock() >= self._held.asked_at + self._pause():
                self._under_way = self._thread.submit(self._ask)
            return self._under_way

    def _pause(self) -> float:
        return ASK_AGAIN_SECONDS if self._held.keys else RETRY_SECONDS

    def _ask(self) -> None:
        before, now = self._held, self._clock()
        try:
            fetched = self._fetch()
        except Unavailable as problem:
            if not before.problem or not before.keys:
                _log.error("the keys that tokens are checked with cannot be had: %s", problem)
            self._held = _Held(before.keys, before.until, now, str(problem))
        else:
            self._held = _Held(fetched.keys, now + fetched.seconds, now, "")
        finally:
            with self._starting:
                self._under_way = None


def _late() -> Unavailable:
    return Unavailable("the issuer does not answer", retry_after_seconds=RETRY_SECONDS)
