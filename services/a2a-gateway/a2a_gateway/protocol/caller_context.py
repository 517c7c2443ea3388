"""What the SDK is told of a request: who sent it, by our own entrance."""

from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus

from a2a.auth.user import User
from a2a.extensions.common import HTTP_EXTENSION_HEADER, get_requested_extensions
from a2a.server.context import ServerCallContext
from a2a.server.routes.common import ServerCallContextBuilder
from starlette.requests import Request

from a2a_gateway.call import Call
from a2a_gateway.callers.caller import Caller, caller_of
from a2a_gateway.protocol.requested import requested_url

_VERSION = "a2a-version"
_CALL = "call"
_CALLER = "caller"
_PLACE = "place"
_TOLD = "told"


@dataclass(eq=False)
class Told:
    """What the protocol's answer cannot say, and HTTP has to: filled while a request is handled."""

    status: HTTPStatus | None = None


@dataclass(frozen=True)
class Asker:
    """Who asked for what is being done here, and how."""

    name: str = ""
    speaks_old: bool = False
    """Whether in the words of 0.3."""


_ASKER: ContextVar[Asker] = ContextVar("asker", default=Asker())  # noqa: B039 - frozen


@dataclass(frozen=True)
class Place:
    """Where a request was sent."""

    url: str
    """The address of this service, as the request has it."""
    path: str


class CallerUser(User):
    """A caller in the words of the SDK."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    @property
    def is_authenticated(self) -> bool:
        """Whether they proved who they are."""
        return self._caller.is_verified

    @property
    def user_name(self) -> str:
        """Their name; all who did not say theirs share one."""
        return self._caller.name


class CallerContextBuilder(ServerCallContextBuilder):
    """Makes contexts that know the caller."""

    def __init__(self, *, speaks_old: bool = False) -> None:
        self._speaks_old = speaks_old

    def build(self, request: Request) -> ServerCallContext:
        """The context of one request; whatever that sets going knows from now on who asked for it."""
        caller = caller_of(request.scope)
        _ASKER.set(Asker(caller.name, self._speaks_old))
        return ServerCallContext(
            user=CallerUser(caller),
            state={
                "headers": {**request.headers, _VERSION: _version(request)},
                _CALLER: caller,
                _PLACE: Place(requested_url(request.scope), request.scope["path"]),
                _TOLD: request.scope.get(_TOLD) or Told(),
            },
            requested_extensions=get_requested_extensions(request.headers.getlist(HTTP_EXTENSION_HEADER)),
        )


def asker() -> Asker:
    """Who asked for what is being done here, also where no request is left: a task that goes on."""
    return _ASKER.get()


def _version(request: Request) -> str:
    """The version that a request is of; not all of one that is no version, of which the SDK makes numbers."""
    return (request.headers.get(_VERSION) or request.query_params.get("A2A-Version", ""))[:20]


def context_of(caller: Caller) -> ServerCallContext:
    """A context for what is done for a caller without a request of theirs."""
    return ServerCallContext(user=CallerUser(caller), state={_CALLER: caller})


def caller_in(context: ServerCallContext) -> Caller:
    """Who sent the request."""
    caller: Caller = context.state[_CALLER]
    return caller


def place_in(context: ServerCallContext) -> Place:
    """Where the request was sent."""
    place: Place = context.state[_PLACE]
    return place


def told_in(context: ServerCallContext) -> Told:
    """Where to say what HTTP has to."""
    told: Told = context.state[_TOLD]
    return told


def call_in(context: ServerCallContext) -> Call | None:
    """The call that was found in the request's message; None where it names no skill."""
    call: Call | None = context.state.get(_CALL)
    return call


def with_call(context: ServerCallContext, call: Call | None) -> None:
    """Keep the call for whoever performs it."""
    context.state[_CALL] = call


def header(context: ServerCallContext, name: str) -> str:
    """A header of the request; empty where there is none."""
    return str(context.state["headers"].get(name, ""))


def listening(scope_told: Told) -> dict[str, Told]:
    """What joins a request's scope so that `told_in` finds it."""
    return {_TOLD: scope_told}
