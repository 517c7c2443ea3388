"""What agents call: `/a2a/execute` in both envelopes that there are, and what they ask of tasks.

Served by the event loop and not by Flask: a call that waits for a commit or for another agent must hold none
of the threads that answer everybody else.
"""

import time
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from a2a_gateway.answer import CannotAnswer
from a2a_gateway.call import Body, Call, encoded, read_call, read_object
from a2a_gateway.callers.caller import Caller, caller_of
from a2a_gateway.perform import Outcome, Performer
from a2a_gateway.stamp import stamp
from a2a_gateway.tasks.port import Task
from a2a_gateway.tasks.workflow import cancelled, workflow
from devnexus.errors import Unavailable

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # what one caller is told is not another's, and a cache in front knows nothing of X-API-Key
    "Cache-Control": "no-store",
}

_UNKNOWN = "Unknown task: {}. Known are your own of the last day, by the workflow_id of the answer 202"


def agent_routes(performer: Performer) -> Mount:
    """The routes that existing agents know, under `/a2a`."""

    async def execute(request: Request) -> Response:
        key = request.headers.get("idempotency-key", "")
        try:
            call = read_call(await request.body(), idempotency_key=key)
        except CannotAnswer as problem:
            return refuse(problem)
        outcome = await performer.perform(call, caller_of(request.scope))
        return answered(outcome, call)

    async def cancel(request: Request) -> Response:
        try:
            task_id = read_object(await request.body()).get("task_id")
        except CannotAnswer as problem:
            return refuse(problem)
        if not task_id:
            return refuse(CannotAnswer("Missing required field: task_id"))
        return await of_task(str(task_id), request, performer.tasks.cancel, cancelled)

    async def show(request: Request) -> Response:
        return await of_task(request.path_params["task_id"], request, performer.tasks.find, workflow)

    async def of_task(
        task_id: str,
        request: Request,
        find: Callable[[str, Caller], Task | None],
        show: Callable[[Task], Body],
    ) -> Response:
        started = time.perf_counter()
        try:
            task = await performer.looking.run(partial(find, task_id, caller_of(request.scope)))
        except CannotAnswer as problem:
            return refuse(problem)
        except Unavailable:
            error = "How tasks stand cannot be read at the moment. Try again in a few seconds."
            return refuse(CannotAnswer(error, status=HTTPStatus.SERVICE_UNAVAILABLE))
        if task is None:
            return refuse(CannotAnswer(_UNKNOWN.format(task_id), status=HTTPStatus.NOT_FOUND))
        return respond({**show(task), **stamp(started)}, HTTPStatus.OK)

    post = ["POST"]
    routes = [
        Route("/execute", execute, methods=post),
        Route("/cancel", cancel, methods=post),
        Route("/workflow/{task_id}", show, methods=["GET"]),
    ]
    return Mount("/a2a", routes=routes)


def answered(outcome: Outcome, call: Call) -> Response:
    """What became of a call, in the envelope that the caller expects."""
    if outcome.written and not call.is_wrapped:
        return _Written(outcome.content(), outcome.status, _HEADERS)
    return respond(call.envelope(outcome.body), outcome.status, when_again(outcome.body))


def when_again(body: Body) -> Mapping[str, str]:
    """The header that says when to come again, where the answer says it."""
    seconds = body.get("retry_after_seconds")
    return {} if seconds is None else {"Retry-After": str(seconds)}


def refuse(problem: CannotAnswer) -> Response:
    """Why a request is not taken, before it is clear which skill it calls."""
    return respond({"success": False, "error": problem.error, **stamp()}, problem.status)


def respond(body: Body, status: HTTPStatus, headers: Mapping[str, str] | None = None) -> Response:
    """A body as JSON, with text as it is."""
    asked = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    return _Json(body, status, {**_HEADERS, **asked, **(headers or {})})


class _Json(JSONResponse):
    def render(self, content: Any) -> bytes:  # noqa: ANN401 - as Starlette has it
        return encoded(content)


class _Written(JSONResponse):
    def render(self, content: bytes) -> bytes:
        return content
