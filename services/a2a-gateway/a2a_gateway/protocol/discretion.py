"""What callers are told of errors: what is wrong with a request, in words of ours, and of bugs nothing."""

import logging
import re
import uuid
from collections.abc import AsyncGenerator, AsyncIterable, Iterator
from contextlib import contextmanager
from json import JSONDecodeError
from typing import Any, TypeVar

from a2a.server.jsonrpc_models import InternalError as RpcInternalError
from a2a.server.jsonrpc_models import InvalidRequestError as RpcInvalidRequestError
from a2a.server.jsonrpc_models import JSONParseError, JSONRPCError
from a2a.utils.errors import A2AError, InternalError, InvalidParamsError, InvalidRequestError
from google.protobuf.json_format import ParseError
from starlette.requests import Request

from a2a_gateway.protocol.errors import NoAnswer
from devnexus.errors import Unavailable
from devnexus.values import load_json

NOT_JSON = "The body is not JSON"
MOST_VALUES = 5000
_TOO_MUCH = f"The body holds more than {MOST_VALUES} values; what /a2a/execute takes may hold more"
_NO_ANSWER = "The store of tasks does not answer; try again later"
_NOT_RPC = "The body is not one request of JSON-RPC 2.0, with jsonrpc, method, params and id"
_WRONG = "not of the type that the protocol gives it"
_OLD_WRONG = "The request is not one of A2A 0.3: a field is missing, or of another type"
_FIELD = re.compile(r"Failed to parse ([a-z]\w{0,40}) field")
_DEEPEST = 9

_Event = TypeVar("_Event")

_log = logging.getLogger(__name__)

# the SDK logs each bad request with its traceback, and pieces of the body in it; bugs are logged here
for _name in ("a2a.server.routes", "a2a.compat.v0_3", "a2a.utils.error_handlers"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class StrictRequest(Request):
    """A request whose body is JSON only where `/a2a/execute` takes it for JSON."""

    async def json(self) -> Any:  # noqa: ANN401 - as Starlette has it
        """What the body says; raise JSONDecodeError where it says nothing."""
        try:
            content = load_json(await self.body())
        except ValueError as problem:
            raise JSONDecodeError(NOT_JSON, "", 0) from problem
        _require_little(content, await self.body())
        return content


async def require_json(request: Request) -> None:
    """Raise InvalidRequestError where the request has a body that is not JSON, or is too much of it."""
    body = await request.body()
    try:
        content = load_json(body) if body else None
    except ValueError as problem:
        raise InvalidRequestError(NOT_JSON) from problem
    _require_little(content, body)


def _require_little(content: object, written: bytes) -> None:
    """A megabyte of small values would keep the event loop busy for ten seconds: protobuf takes so long."""
    if len(written) < 2 * MOST_VALUES:  # each has a sign at least, and another between it and the next
        return
    waiting, values = [content], 0
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict | list):
            values += len(one)
            waiting.extend(one.values() if isinstance(one, dict) else one)
        if values > MOST_VALUES:
            raise InvalidRequestError(_TOO_MUCH)


@contextmanager
def discreet(*of_input: type[Exception]) -> Iterator[None]:
    """Let errors of the protocol through, and turn others into them, without a word of what they say.

    `of_input`: what else than a parser's error is to be taken for something wrong with the request.
    """
    try:
        yield
    except A2AError:
        raise
    except ParseError as problem:
        raise _wrong(str(problem)) from problem
    except of_input as problem:
        raise _wrong("") from problem
    except Unavailable as problem:
        _log.warning("%s", problem)
        raise NoAnswer(_NO_ANSWER) from problem
    except Exception as bug:  # the edge: what gets out of here, the SDK tells the caller word for word
        raise InternalError(data={"request_id": _logged(bug)}) from bug


async def discreetly(
    events: AsyncIterable[_Event], *of_input: type[Exception]
) -> AsyncGenerator[_Event, None]:
    """The events, whose errors are told discreetly."""
    with discreet(*of_input):
        try:
            async for event in events:
                yield event
        finally:
            if isinstance(events, AsyncGenerator):
                await events.aclose()


def told(error: Exception | JSONRPCError) -> A2AError | JSONRPCError:
    """What a caller by JSON-RPC is told of an error that arose outside the call itself."""
    match error:
        case JSONParseError():
            return JSONParseError(message=NOT_JSON)
        case InvalidParamsError(data={"parseError": problem}):
            return _wrong(str(problem))
        case InvalidRequestError(data={"parseError": _}):
            return InvalidRequestError(_NOT_RPC)
        case RpcInvalidRequestError(data=str()):
            return RpcInvalidRequestError(message=_OLD_WRONG)
        case RpcInternalError():
            return RpcInternalError(data={"request_id": _logged(error)})
        case A2AError() | JSONRPCError():
            return error
    return RpcInternalError(data={"request_id": _logged(error)})


def _wrong(problem: str) -> InvalidParamsError:
    """`problem` is the parser's, which says from the outside to the inside which field it could not read."""
    field = ".".join(_FIELD.findall(problem)[:_DEEPEST]) or "params"
    errors = [{"field": field, "message": f"Is {_WRONG}"}]
    return InvalidParamsError(f"{field} is {_WRONG}", data={"errors": errors})


def _logged(bug: object) -> str:
    """The id by which the log has it."""
    request_id = uuid.uuid4().hex
    _log.error("bug: %s", type(bug).__name__, extra={"request_id": request_id}, exc_info=True)
    return request_id
