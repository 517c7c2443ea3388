"""Whose a task is."""

from a2a.server.context import ServerCallContext

from a2a_gateway.callers.caller import LOCAL
from a2a_gateway.protocol.caller_context import caller_in


def owner_of(context: ServerCallContext) -> str:
    """The name under which a caller's tasks are kept.

    All who do not say who they are share one: what keeps their tasks apart is that ids cannot be guessed.
    """
    caller = caller_in(context)
    return f"verified:{caller.name}" if caller.is_verified else "anonymous"


def may_list_all(context: ServerCallContext) -> bool:
    """Whether the caller may see all tasks of their owner, and not only those of a conversation they name."""
    caller = caller_in(context)
    return caller.is_verified or caller == LOCAL
