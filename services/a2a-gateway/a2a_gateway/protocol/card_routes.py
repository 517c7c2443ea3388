"""The cards that everybody may read: one for each version of the protocol, each at its own address."""

import asyncio
import gzip
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from a2a_gateway.call import encoded
from a2a_gateway.callers.open_routes import CARD, CARD_OF_OLD
from a2a_gateway.described.card import Entry, Home
from a2a_gateway.only import Only
from a2a_gateway.protocol.card import Declared, old_card, protocol_card
from a2a_gateway.protocol.described_card import open_card, open_card_of_old
from a2a_gateway.protocol.requested import requested_url
from a2a_gateway.registry import Skills

_FRESH_SECONDS = 300
_MOST_KEPT = 8
"""Written cards of one version: by the address that they name, which is the asking side's word."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": f"public, max-age={_FRESH_SECONDS}",
    "Vary": "Accept-Encoding",
}


def card_routes(skills: Skills, home: Home, declared: Declared = Declared()) -> list[BaseRoute]:  # noqa: B008
    """Both cards. They are written once somebody asks."""

    def write(url: str) -> Entry:
        return open_card(protocol_card(skills, home, url, declared), skills)

    def write_as_of_old(url: str) -> Entry:
        return open_card_of_old(old_card(skills, home, url, declared), skills)

    return [
        Only(path, _shown(_Cards(write), home), methods=["GET"])
        for path, write in ((CARD, write), (CARD_OF_OLD, write_as_of_old))
    ]


@dataclass(frozen=True)
class _Written:
    content: bytes
    zipped: bytes
    tag: str


class _Cards:
    """The newest few cards as they are sent, by the address that they name."""

    def __init__(self, write: Callable[[str], Entry]) -> None:
        self._write = write
        self._kept: dict[str, _Written] = {}
        self._one_at_a_time = asyncio.Lock()

    async def at(self, url: str) -> _Written:
        """The card of the service at `url`."""
        if found := self._kept.get(url):
            return found
        async with self._one_at_a_time:
            if url not in self._kept:
                written = await run_in_threadpool(lambda: _written(self._write(url)))
                if len(self._kept) >= _MOST_KEPT:
                    del self._kept[next(iter(self._kept))]
                self._kept[url] = written
            return self._kept[url]


def _written(card: Entry) -> _Written:
    content = encoded(card)
    tag = hashlib.sha256(content).hexdigest()[:32]
    # weak: it is the same for both encodings
    return _Written(content, gzip.compress(content, mtime=0), f'W/"{tag}"')


def _shown(cards: _Cards, home: Home) -> Callable[[Request], Awaitable[Response]]:
    async def show(request: Request) -> Response:
        card = await cards.at(home.public_url or requested_url(request.scope))
        headers = {**_HEADERS, "ETag": card.tag}
        if _is_known(card.tag, request.headers.get("if-none-match", "")):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            zipped = {**headers, "Content-Encoding": "gzip"}
            return Response(card.zipped, media_type="application/json", headers=zipped)
        return Response(card.content, media_type="application/json", headers=headers)

    return show


def _is_known(tag: str, told: str) -> bool:
    known = [one.strip().removeprefix("W/") for one in told.split(",")]
    return "*" in known or tag.removeprefix("W/") in known
