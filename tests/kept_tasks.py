"""Tasks of A2A as stores get them, and two callers whose they may be."""

from a2a.types.a2a_pb2 import Task, TaskState

from a2a_gateway.callers.caller import Caller
from a2a_gateway.protocol.caller_context import context_of

ANA, BO = (context_of(Caller(name, is_verified=True)) for name in ("ana@example.com", "bo@example.com"))


def task(id_="t", state=TaskState.TASK_STATE_COMPLETED, **fields):
    made = Task(id=id_, context_id="c", **fields)
    made.status.state = state
    made.status.timestamp.GetCurrentTime()
    return made
