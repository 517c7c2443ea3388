"""Refusals: what is wrong with a call, and who may not make it, for which the protocol leaves it to HTTP."""

from http import HTTPStatus

from a2a.server.jsonrpc_models import JSONRPCError
from a2a.server.request_handlers.response_helpers import EXCEPTION_MAP
from a2a.utils.errors import (
    A2A_ERROR_MAPPING,
    A2A_ERROR_REASONS,
    JSON_RPC_ERROR_CODE_MAP,
    A2AError,
    ErrorMapping,
    InvalidParamsError,
)
from pydantic import ValidationError

from a2a_gateway.answer import CannotAnswer


class NotAuthenticated(A2AError):
    """Whoever calls has to say who they are."""


class NotAllowed(A2AError):
    """Whoever calls may not do this."""


class TooMany(A2AError):
    """Whoever calls has too much under way already."""


class NoRoom(A2AError):
    """All who call have too much under way."""


class Away(A2AError):
    """Something that is needed for the answer does not answer itself."""


_STATUSES = {
    NotAuthenticated: (HTTPStatus.UNAUTHORIZED, "UNAUTHENTICATED", -32050),
    NotAllowed: (HTTPStatus.FORBIDDEN, "PERMISSION_DENIED", -32051),
    TooMany: (HTTPStatus.TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED", -32052),
    NoRoom: (HTTPStatus.SERVICE_UNAVAILABLE, "UNAVAILABLE", -32053),
    Away: (HTTPStatus.SERVICE_UNAVAILABLE, "UNAVAILABLE", -32054),
}

# the SDK has no other way to learn of errors than to be told in its own tables
for _kind, (_status, _name, _code) in _STATUSES.items():
    A2A_ERROR_MAPPING[_kind] = ErrorMapping(int(_status), _name, _name)
    A2A_ERROR_REASONS[_kind] = _name
    JSON_RPC_ERROR_CODE_MAP[_kind] = _code
    EXCEPTION_MAP[_kind] = JSONRPCError


def status_of(error: A2AError) -> HTTPStatus | None:
    """The status that says so even where an error is told with 200, as in JSON-RPC."""
    told = _STATUSES.get(type(error))
    return told[0] if told else None


def refusal(problem: CannotAnswer) -> A2AError:
    """Why a call is not taken, before there is a task."""
    match problem.status:
        case HTTPStatus.UNAUTHORIZED:
            return NotAuthenticated(str(problem.fields.get("message", problem.error)))
        case HTTPStatus.FORBIDDEN:
            return NotAllowed(problem.error)
        case _:
            return bad_input(problem.error, _violations(problem))


def bad_input(error: str, violations: list[tuple[str, str]]) -> InvalidParamsError:
    """The call is wrong: by field, what is wrong with it."""
    errors = [{"field": field, "message": message} for field, message in violations]
    return InvalidParamsError(error, data={"errors": errors})


def _violations(problem: CannotAnswer) -> list[tuple[str, str]]:
    if not isinstance(problem.__cause__, ValidationError):
        return [("input", problem.error)]
    return [
        (".".join(["input", *map(str, one["loc"])]), one["msg"])
        for one in problem.__cause__.errors(include_url=False, include_context=False, include_input=False)
    ]
