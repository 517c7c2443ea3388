"""What is POSTed, in the words of the version in which the task was asked for."""

import json
from dataclasses import dataclass

from a2a.compat.v0_3.conversions import to_compat_task
from a2a.types.a2a_pb2 import StreamResponse, Task
from google.protobuf.json_format import MessageToDict


@dataclass(frozen=True)
class Body:
    """JSON of one kind."""

    content_type: str
    content: bytes


def body_of(told: StreamResponse) -> Body:
    """As 1.0 has it."""
    content = json.dumps(MessageToDict(told), ensure_ascii=False, separators=(",", ":"))
    return Body("application/a2a+json", content.encode())


def old_body_of(told: StreamResponse) -> Body:
    """As 0.3 has it: the task, with no more of it than has changed."""
    changed = told.status_update
    task = told.task
    if told.HasField("status_update"):
        task = Task(id=changed.task_id, context_id=changed.context_id, status=changed.status)
    content = to_compat_task(task).model_dump_json(by_alias=True, exclude_none=True)
    return Body("application/json", content.encode())
