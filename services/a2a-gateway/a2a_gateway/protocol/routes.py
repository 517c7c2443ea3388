"""Where the protocol is spoken: 1.0 and 0.3, each as JSON-RPC and as HTTP+JSON."""

from collections.abc import Awaitable, Callable, Iterable

from a2a.server.request_handlers import RequestHandler
from a2a.server.routes import create_rest_routes
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from a2a_gateway.protocol.addresses import V03, V1
from a2a_gateway.protocol.caller_context import CallerContextBuilder
from a2a_gateway.protocol.dispatchers import JsonRpc, OldRest, Rest
from a2a_gateway.protocol.shell import Shell

_END_SECONDS = 5.0
"""For streams to come to their end at SIGTERM; the process has ten."""

_Spoken = tuple[str, str, Callable[[Request], Awaitable[Response]]]
"""A method, a path, and what answers there."""


def protocol_routes(handler: RequestHandler) -> list[BaseRoute]:
    """Everything but the cards."""
    builder, old_builder = CallerContextBuilder(), CallerContextBuilder(speaks_old=True)
    return [
        *_dressed(_rpc(V1, JsonRpc(handler, builder, end_seconds=_END_SECONDS)), mirrors=False),
        *_dressed(
            _rpc(V03, JsonRpc(handler, old_builder, end_seconds=_END_SECONDS, speaks_old=True)), mirrors=False
        ),
        *_dressed(_rest(handler, Rest(handler, builder, _END_SECONDS)), mirrors=True),
        *_dressed(_old_rest(OldRest(handler, old_builder, _END_SECONDS)), mirrors=False),
    ]


def _rpc(path: str, dispatcher: JsonRpc) -> Iterable[_Spoken]:
    """Some clients add the slash, and follow no redirect."""
    return [("POST", where, dispatcher.handle_requests) for where in (path, f"{path}/")]


def _rest(handler: RequestHandler, dispatcher: Rest) -> Iterable[_Spoken]:
    """The SDK's routes, answered by our dispatcher, without those for tenants, of which there are none."""
    for route in create_rest_routes(handler, path_prefix=V1):
        if isinstance(route, Route):
            for method in sorted((route.methods or set()) - {"HEAD"}):
                yield method, route.path, getattr(dispatcher, route.endpoint.__name__)


def _old_rest(adapter: OldRest) -> Iterable[_Spoken]:
    for (path, method), endpoint in adapter.routes().items():
        yield method, f"{V03}{path}", endpoint


def _dressed(spoken: Iterable[_Spoken], *, mirrors: bool) -> list[BaseRoute]:
    shell = [Middleware(Shell, mirrors=mirrors)]
    return [Route(path, endpoint, methods=[method], middleware=shell) for method, path, endpoint in spoken]
