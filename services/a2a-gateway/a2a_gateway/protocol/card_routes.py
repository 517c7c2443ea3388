"""Where the cards are."""

from google.protobuf.json_format import MessageToDict
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from a2a_gateway.described.card import Home
from a2a_gateway.protocol.card import Declared, protocol_card
from a2a_gateway.registry import Skills


def card_routes(skills: Skills, home: Home, declared: Declared) -> list[BaseRoute]:
    """The routes of the cards that everybody may read."""

    async def card(request: Request) -> JSONResponse:
        url = home.public_url or str(request.base_url).rstrip("/")
        return JSONResponse(MessageToDict(protocol_card(skills, home, url, declared)))

    return [Route("/.well-known/agent-card.json", card)]
