"""Where the protocol is spoken: 1.0 and 0.3, each as JSON-RPC and as HTTP+JSON."""

from collections.abc import Iterable
from functools import partial

from a2a.compat.v0_3.rest_adapter import REST03Adapter
from a2a.server.request_handlers import RequestHandler
from a2a.server.routes import create_jsonrpc_routes, create_rest_routes
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route

from a2a_gateway.protocol.addresses import V03, V1
from a2a_gateway.protocol.caller_context import CallerContextBuilder
from a2a_gateway.protocol.shell import Shell

_END_SECONDS = 5.0
"""For streams to come to their end at SIGTERM; the process has ten."""


def protocol_routes(handler: RequestHandler) -> list[BaseRoute]:
    """Everything but the cards."""
    builder = CallerContextBuilder()
    rpc = partial(create_jsonrpc_routes, handler, context_builder=builder, shutdown_grace_period=_END_SECONDS)
    rest = create_rest_routes(handler, builder, path_prefix=V1, shutdown_grace_period=_END_SECONDS)
    old = REST03Adapter(handler, context_builder=builder, shutdown_grace_period=_END_SECONDS)
    return [
        # some clients add the slash, and follow no redirect
        *_dressed([*rpc(V1), *rpc(f"{V1}/")], mirrors=False),
        *_dressed(
            [*rpc(V03, enable_v0_3_compat=True), *rpc(f"{V03}/", enable_v0_3_compat=True)], mirrors=False
        ),
        *_dressed(rest, mirrors=True),
        *_dressed(
            [
                Route(f"{V03}{path}", endpoint, methods=[method])
                for (path, method), endpoint in old.routes().items()
            ],
            mirrors=False,
        ),
    ]


def _dressed(routes: Iterable[BaseRoute], *, mirrors: bool) -> list[BaseRoute]:
    """The routes in their shell, without those for tenants, of which there are none."""
    shell = [Middleware(Shell, mirrors=mirrors)]
    return [
        Route(one.path, one.endpoint, methods=sorted(one.methods or ()), middleware=shell)
        for one in routes
        if isinstance(one, Route)
    ]
