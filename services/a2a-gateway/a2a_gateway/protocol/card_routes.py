"""The cards that everybody may read: one for each version of the protocol, each at its own address."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from a2a_gateway.callers.open_routes import CARD, CARD_OF_OLD
from a2a_gateway.described.card import Entry, Home
from a2a_gateway.only import Only
from a2a_gateway.protocol.card import Declared, old_card, protocol_card
from a2a_gateway.protocol.described_card import open_card, open_card_of_old
from a2a_gateway.protocol.requested import requested_url
from a2a_gateway.protocol.written_cards import WrittenCards
from a2a_gateway.registry import Skills

_FRESH_SECONDS = 300
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": f"public, max-age={_FRESH_SECONDS}",
    "Vary": "Accept-Encoding",
}


def card_routes(skills: Skills, home: Home, declared: Declared) -> list[BaseRoute]:
    """Both cards, which are made once somebody asks."""

    def card(url: str) -> Entry:
        return open_card(protocol_card(skills, home, url, declared), skills)

    def card_of_old(url: str) -> Entry:
        return open_card_of_old(old_card(skills, home, url, declared), skills)

    return [
        Only(CARD, _shown(WrittenCards(card), home), methods=["GET"]),
        Only(CARD_OF_OLD, _shown(WrittenCards(card_of_old), home), methods=["GET"]),
    ]


def _shown(cards: WrittenCards, home: Home) -> Callable[[Request], Awaitable[Response]]:
    async def show(request: Request) -> Response:
        card = await cards.at(home.public_url or requested_url(request.scope))
        headers = {**_HEADERS, "ETag": card.tag, "Last-Modified": card.date}
        if _is_known(card.tag, request.headers.get("if-none-match", "")):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            zipped = {**headers, "Content-Encoding": "gzip"}
            return Response(card.zipped, media_type="application/json", headers=zipped)
        return Response(card.content, media_type="application/json", headers=headers)

    return show


def _is_known(tag: str, told: str) -> bool:
    """Whether If-None-Match names it, strong or weak (RFC 9110 §13.1.2)."""
    known = {one.strip().removeprefix("W/") for one in told.split(",")}
    return not known.isdisjoint({"*", tag.removeprefix("W/")})
