"""Cards as they are sent: written once for each address that they name, as long as those are few."""

import asyncio
import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate

from starlette.concurrency import run_in_threadpool

from a2a_gateway.call import encoded
from a2a_gateway.described.card import Entry

_MOST_KEPT = 8
"""The address is the asking side's word where PUBLIC_URL does not say it, and a card has 120 kB."""


@dataclass(frozen=True)
class Written:
    """A card in JSON."""

    content: bytes
    zipped: bytes
    tag: str
    """Another one for other content. Weak, since it is the same for both."""
    date: str
    """When it was written, as HTTP says it."""


class WrittenCards:
    """The newest few cards of one kind; lives in one event loop, and writes in a thread."""

    def __init__(self, card: Callable[[str], Entry]) -> None:
        """`card` makes the card of the service at an address."""
        self._card = card
        self._kept: dict[str, Written] = {}
        self._one_at_a_time = asyncio.Lock()

    async def at(self, url: str) -> Written:
        """The card of the service at `url`."""
        if found := self._kept.get(url):
            return found
        async with self._one_at_a_time:
            if url not in self._kept:
                self._keep(url, await run_in_threadpool(self._write, url))
            return self._kept[url]

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._kept)

    def _keep(self, url: str, written: Written) -> None:
        if len(self._kept) >= _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[url] = written

    def _write(self, url: str) -> Written:
        content = encoded(self._card(url))
        tag = hashlib.sha256(content).hexdigest()[:32]
        return Written(content, gzip.compress(content, mtime=0), f'W/"{tag}"', formatdate(usegmt=True))
