"""Routes that take calls from whoever does not say who they are: those that agents of old call, which may be
opened by name, and the cards by which agents find out how to say it."""

import re
from collections.abc import Callable

from starlette.types import Scope

from a2a_gateway.callers.caller import Caller

KNOWN = (
    "POST /api/kb/lessons-learned",
    "POST /api/kb/cross-repo-patterns",
    "GET /api/kb/deployment/{owner}/{repo}",
    "GET /api/kb/patterns/{owner}/{repo}",
    "GET /api/kb/cross-repo-patterns/{pattern_type}",
)

CARD = "/.well-known/agent-card.json"
CARD_OF_OLD = "/a2a/v0.3/.well-known/agent-card.json"
CARDS = frozenset(f"{method} {path}" for method in ("GET", "HEAD") for path in (CARD, CARD_OF_OLD))
"""They tell what stands in this repository, how to come in, and nothing else."""

OpenTo = Callable[[Scope], Caller | None]
"""Who somebody without credentials is at what they ask for; None: nobody in particular."""


def open_routes(text: str) -> frozenset[str]:
    """The routes in a list with commas; raise ValueError naming what is none of the known ones."""
    found = frozenset(" ".join(part.split()) for part in text.split(",") if part.strip())
    for route in sorted(found):
        if route not in KNOWN:
            raise ValueError(f"{route!r} is no route that can be opened; these can: {', '.join(KNOWN)}")
    return found


def open_to(routes: frozenset[str]) -> OpenTo:
    """At these routes: somebody who bears the route's name, may write what it takes, and sees what is public.

    The caller exists for that one request only, and whoever serves it lets them do nothing else.
    """
    patterns = {route: _pattern(route) for route in sorted(routes)}

    def caller(scope: Scope) -> Caller | None:
        asked = f"{scope['method']} {scope['path']}"
        for route, pattern in patterns.items():
            if pattern.fullmatch(asked):
                return Caller(f"anonymous: {route}", may_write=route.startswith("POST "))
        return None

    return caller


def _pattern(route: str) -> re.Pattern[str]:
    return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in _parts(route)))


def _parts(route: str) -> list[str]:
    return re.split(r"(\{[a-z_]+\})", route)
