"""How a task stands, in the shape in which callers read it."""

from a2a_gateway.call import Body
from a2a_gateway.tasks.port import Task
from devnexus.timestamps import write
from devnexus.values import load_json

_POLL_EVERY_MS = 2000
_PERCENT = {"completed": 100}


def workflow(task: Task) -> Body:
    """The body of `GET /a2a/workflow/{id}`.

    `status` is one of queued, running, completed and failed, since that is what callers know; where its
    caller cancelled it, it is `failed` and `metadata.state` says `cancelled`. How much of a task is left
    nobody knows, so `progress_percent` is 0 until it is completed, and `metadata.current_step` says more.
    """
    ended = task.outcome
    answer = load_json(ended.answer) if ended and ended.answer else None
    return {
        "success": ended is None or ended.status == "completed",
        "workflow_id": task.id,
        "skill_id": task.skill,
        "status": "failed" if task.status == "cancelled" else task.status,
        "progress_percent": _PERCENT.get(task.status, 0),
        "answer": answer,
        "results": [] if answer is None else [answer],
        "error": ended.error if ended else None,
        "polling_interval_ms": None if ended else _POLL_EVERY_MS,
        "metadata": {
            "state": task.status,
            "current_step": task.step,
            "began_at": write(task.began_at),
        },
    }


def cancelled(task: Task) -> Body:
    """The body of `POST /a2a/cancel`: it says so where the task had ended before."""
    if task.outcome is None:
        message = "It ends as soon as it notices"
        return {"task_id": task.id, "status": "cancelled", "message": message}
    return {"task_id": task.id, "status": task.status, "message": "It had ended before"}
