"""Who asks: settled once for each request, before anything is read."""

from dataclasses import dataclass

from starlette.types import Scope

_KEY = "dev-nexus.caller"


@dataclass(frozen=True)
class Caller:
    """Somebody who may read; whoever may not has been turned away already."""

    name: str
    """A verified e-mail address, the name that an API key belongs to, or `anonymous`."""
    is_verified: bool = False
    may_write: bool = False
    sees_all: bool = False
    """Whether private and archived repositories are shown to them as well."""


ANONYMOUS = Caller("anonymous")
"""Whoever reaches a service whose knowledge is open to all: they see public repositories in use."""

LOCAL = Caller("anonymous", sees_all=True)
"""Whoever reaches a service that only this machine reaches: they could read the files themselves."""


def with_caller(scope: Scope, caller: Caller) -> Scope:
    """The scope of a request of which it is known who sent it."""
    return {**scope, _KEY: caller}


def caller_of(scope: Scope) -> Caller:
    """Who sent a request; KeyError where nobody settled that, so that a gap in the wiring lets nobody in."""
    caller: Caller = scope[_KEY]
    return caller
