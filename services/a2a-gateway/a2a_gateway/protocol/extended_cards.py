"""The card for callers who proved who they are, as the SDK's handler asks for it."""

from functools import lru_cache

from a2a.server.context import ServerCallContext
from a2a.types.a2a_pb2 import AgentCard
from starlette.concurrency import run_in_threadpool

from a2a_gateway.described.card import Home
from a2a_gateway.protocol.addresses import V03
from a2a_gateway.protocol.caller_context import place_in
from a2a_gateway.protocol.card import Declared, old_card, protocol_card
from a2a_gateway.protocol.described_card import extended_card
from a2a_gateway.registry import Skills

_MOST_KEPT = 8


class ExtendedCards:
    """Takes the place of whatever extended card the handler has: in the version that is asked for it."""

    def __init__(self, skills: Skills, home: Home, declared: Declared) -> None:
        self._home = home

        @lru_cache(_MOST_KEPT)
        def made(url: str, is_old: bool) -> AgentCard:
            make = old_card if is_old else protocol_card
            return extended_card(make(skills, home, url, declared), skills, home)

        self._made = made

    async def __call__(self, _: AgentCard, context: ServerCallContext) -> AgentCard:
        """The card for this request."""
        place = place_in(context)
        url = self._home.public_url or place.url
        return await run_in_threadpool(self._made, url, place.path.startswith(V03))
