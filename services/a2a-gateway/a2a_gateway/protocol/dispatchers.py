"""The SDK's dispatchers of both versions, strict about JSON and discreet about errors."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

from a2a.compat.v0_3 import types as old
from a2a.compat.v0_3.jsonrpc_adapter import JSONRPC03Adapter
from a2a.compat.v0_3.request_handler import RequestHandler03
from a2a.compat.v0_3.rest_adapter import REST03Adapter
from a2a.server.context import ServerCallContext
from a2a.server.jsonrpc_models import JSONRPCError
from a2a.server.request_handlers import RequestHandler
from a2a.server.routes.common import ServerCallContextBuilder
from a2a.server.routes.jsonrpc_dispatcher import JsonRpcDispatcher
from a2a.server.routes.rest_dispatcher import RestDispatcher
from a2a.utils.error_handlers import rest_stream_error_handler
from a2a.utils.errors import A2AError, ContentTypeNotSupportedError
from sse_starlette.sse import EventSourceResponse
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from a2a_gateway.protocol.discretion import StrictRequest, discreet, discreetly, require_json, told

_Result = TypeVar("_Result")

_UNSAYABLE = (ValueError, OverflowError)
"""What is raised by the SDK for requests of 0.3 that nothing in 1.0 corresponds to."""


class JsonRpc(JsonRpcDispatcher):
    """JSON-RPC of 1.0, and of 0.3 where `old` is given."""

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
        with discreet():
            return await super()._process_non_streaming_request(request_obj, context)

    async def _process_streaming_request(
        self,
        request_id: str | int | None,
        request_obj: Any,  # noqa: ANN401 - as the SDK has it
        context: ServerCallContext,
    ) -> AsyncGenerator[dict[str, Any], None]:
        with discreet():
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

    def __init__(
        self, handler: RequestHandler, builder: ServerCallContextBuilder, end_seconds: float
    ) -> None:
        super().__init__(handler, builder, end_seconds)
        self.handler = _OldHandler(handler)

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
        with discreet(*_UNSAYABLE):
            return await super()._process_non_streaming_request(request_id, request_obj, context)


class _OldHandler(RequestHandler03):
    async def on_message_send_stream(
        self, request: old.SendMessageRequest, context: ServerCallContext
    ) -> AsyncIterable[old.SendStreamingMessageSuccessResponse]:
        async for event in discreetly(super().on_message_send_stream(request, context), *_UNSAYABLE):
            yield event

    async def on_subscribe_to_task(
        self, request: old.TaskResubscriptionRequest, context: ServerCallContext
    ) -> AsyncIterable[old.SendStreamingMessageSuccessResponse]:
        async for event in discreetly(super().on_subscribe_to_task(request, context), *_UNSAYABLE):
            yield event


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
        """The first event is waited for: what is wrong with the request is told before there is a stream."""
        await require_json(request)
        events = discreetly(method(request, self._context_builder.build(request)), *_UNSAYABLE)
        first = await anext(events, None)

        async def all_events(_: Request, __: ServerCallContext) -> AsyncIterator[object]:
            if first is not None:
                yield first
            async for event in events:
                yield event

        response: EventSourceResponse = await super()._handle_streaming_request(all_events, request)
        return response
