"""The SDK's dispatchers of both versions, strict about JSON and discreet about errors."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from copy import copy
from typing import Any, TypeVar

from a2a.compat.v0_3.jsonrpc_adapter import JSONRPC03Adapter
from a2a.compat.v0_3.request_handler import RequestHandler03
from a2a.compat.v0_3.rest_adapter import REST03Adapter
from a2a.server.context import ServerCallContext
from a2a.server.jsonrpc_models import JSONRPCError
from a2a.server.request_handlers import RequestHandler
from a2a.server.routes.common import ServerCallContextBuilder
from a2a.server.routes.jsonrpc_dispatcher import JsonRpcDispatcher
from a2a.server.routes.rest_dispatcher import RestDispatcher
from a2a.utils.constants import PROTOCOL_VERSION_0_3
from a2a.utils.error_handlers import rest_stream_error_handler
from a2a.utils.errors import A2AError, ContentTypeNotSupportedError
from a2a.utils.version_validator import validate_version
from sse_starlette.sse import EventSourceResponse
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from a2a_gateway.protocol.caller_context import told_in
from a2a_gateway.protocol.discretion import StrictRequest, discreet, discreetly, require_json, told
from a2a_gateway.protocol.errors import status_of

_Event = TypeVar("_Event")
_Result = TypeVar("_Result")

_UNSAYABLE = (ValueError, OverflowError)
"""What is raised by the SDK for requests of 0.3 that nothing in 1.0 corresponds to."""


class JsonRpc(JsonRpcDispatcher):
    """JSON-RPC of 1.0, and of 0.3 where it `speaks_old`."""

    def __init__(
        self,
        handler: RequestHandler,
        builder: ServerCallContextBuilder,
        *,
        end_seconds: float,
        speaks_old: bool = False,
    ) -> None:
        super().__init__(handler, builder, speaks_old, end_seconds)
        if speaks_old:
            self._v03_adapter = OldJsonRpc(handler, builder, end_seconds)

    async def handle_requests(self, request: Request) -> Response:
        """The answer to one request."""
        if "json" not in request.headers.get("content-type", "json"):
            return self._generate_error_response(None, ContentTypeNotSupportedError("Send application/json"))
        return await super().handle_requests(StrictRequest(request.scope, request.receive))

    def _generate_error_response(
        self, request_id: str | int | None, error: Exception | JSONRPCError | A2AError
    ) -> JSONResponse:
        return super()._generate_error_response(request_id, told(error))

    async def _process_non_streaming_request(
        self,
        request_obj: Any,  # noqa: ANN401 - as the SDK has it
        context: ServerCallContext,
    ) -> dict[str, Any] | None:
        with _with_status(context), discreet():
            return await super()._process_non_streaming_request(request_obj, context)

    async def _process_streaming_request(
        self,
        request_id: str | int | None,
        request_obj: Any,  # noqa: ANN401 - as the SDK has it
        context: ServerCallContext,
    ) -> AsyncGenerator[dict[str, Any], None]:
        with _with_status(context), discreet():
            events = await super()._process_streaming_request(request_id, request_obj, context)
        return discreetly(events)


class Rest(RestDispatcher):
    """HTTP+JSON of 1.0."""

    async def _handle_non_streaming(
        self, request: Request, handler_func: Callable[[ServerCallContext], Awaitable[_Result]]
    ) -> _Result:
        await require_json(request)
        with discreet():
            return await super()._handle_non_streaming(request, handler_func)

    async def _handle_streaming(
        self, request: Request, handler_func: Callable[[ServerCallContext], AsyncIterator[Any]]
    ) -> EventSourceResponse:
        await require_json(request)
        return await super()._handle_streaming(request, lambda context: discreetly(handler_func(context)))


class OldJsonRpc(JSONRPC03Adapter):
    """JSON-RPC of 0.3."""

    def _generate_error_response(
        self, request_id: str | int | None, error: Exception | JSONRPCError
    ) -> JSONResponse:
        return super()._generate_error_response(request_id, told(error))

    async def _process_non_streaming_request(
        self,
        request_id: str | int | None,
        request_obj: Any,  # noqa: ANN401 - as the SDK has it
        context: ServerCallContext,
    ) -> JSONResponse:
        with _with_status(context), discreet(*_UNSAYABLE):
            return await super()._process_non_streaming_request(request_id, request_obj, context)

    @validate_version(PROTOCOL_VERSION_0_3)
    async def _process_streaming_request(
        self,
        request_id: str | int | None,
        request_obj: Any,  # noqa: ANN401
        context: ServerCallContext,
    ) -> EventSourceResponse:
        if request_obj.method == "message/stream":
            events = self.handler.on_message_send_stream(request_obj, context)
        else:
            events = self.handler.on_subscribe_to_task(request_obj, context)
        adapter = copy(self)
        with _with_status(context):
            adapter.handler = _Begun(self.handler.request_handler, await _begun(events))
        begun = super(OldJsonRpc, adapter)._process_streaming_request
        response: EventSourceResponse = await begun(request_id, request_obj, context)
        return response


class _Begun(RequestHandler03):
    """What the adapter asks for a stream, where that has begun."""

    def __init__(self, handler: RequestHandler, events: AsyncIterable[Any]) -> None:
        super().__init__(handler)
        self._events = events

    def on_message_send_stream(self, *_: object) -> AsyncIterable[Any]:
        return self._events

    def on_subscribe_to_task(self, *_: object) -> AsyncIterable[Any]:
        return self._events


class OldRest(REST03Adapter):
    """HTTP+JSON of 0.3."""

    async def _handle_request(
        self, method: Callable[[Request, ServerCallContext], Awaitable[Any]], request: Request
    ) -> Response:
        async def discreet_method(request: Request, context: ServerCallContext) -> Any:  # noqa: ANN401 - whatever the SDK makes JSON of
            await require_json(request)
            with discreet(*_UNSAYABLE):
                return await method(request, context)

        return await super()._handle_request(discreet_method, request)

    @rest_stream_error_handler
    async def _handle_streaming_request(
        self, method: Callable[[Request, ServerCallContext], AsyncIterable[Any]], request: Request
    ) -> EventSourceResponse:
        await require_json(request)
        events = await _begun(method(request, self._context_builder.build(request)))
        begun = super()._handle_streaming_request
        response: EventSourceResponse = await begun(lambda *_: events, request)
        return response


async def _begun(events: AsyncIterable[_Event]) -> AsyncGenerator[_Event, None]:
    """The same events, once there is one: what is wrong with a request is told before there is a stream."""
    discreet_events = discreetly(events, *_UNSAYABLE)
    first = await anext(discreet_events, None)

    async def all_events() -> AsyncGenerator[_Event, None]:
        async with aclosing(discreet_events):
            if first is not None:
                yield first
            async for event in discreet_events:
                yield event

    return all_events()


@contextmanager
def _with_status(context: ServerCallContext) -> Iterator[None]:
    """JSON-RPC tells of errors with 200; of those that the protocol has no code for, HTTP says so as well."""
    try:
        yield
    except A2AError as problem:
        told_in(context).status = status_of(problem)
        raise
