"""What agents call: `/a2a/execute` and `/a2a/cancel`, in both envelopes that there are.

Served by the event loop and not by Flask: a call that waits for a commit or for another agent must hold none
of the threads that answer everybody else.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from a2a_gateway.answer import CannotAnswer
from a2a_gateway.call import Body, read_call, read_object
from a2a_gateway.caller import caller_of
from a2a_gateway.perform import Performer

_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def agent_routes(performer: Performer) -> Mount:
    """The routes that existing agents know, under `/a2a`."""

    async def execute(request: Request) -> Response:
        key = request.headers.get("idempotency-key", "")
        try:
            call = read_call(await request.body(), idempotency_key=key)
        except CannotAnswer as problem:
            return respond({"success": False, "error": problem.error}, problem.status)
        outcome = await performer.perform(call, caller_of(request.scope))
        return respond(call.envelope(outcome.body), outcome.status)

    async def cancel(request: Request) -> Response:
        try:
            task = read_object(await request.body()).get("task_id")
        except CannotAnswer as problem:
            return respond({"success": False, "error": problem.error}, problem.status)
        if not task:
            return respond(
                {"success": False, "error": "Missing required field: task_id"}, HTTPStatus.BAD_REQUEST
            )
        return respond({"success": False, "error": f"Unknown task: {task}"}, HTTPStatus.NOT_FOUND)

    post = ["POST"]
    routes = [Route("/execute", execute, methods=post), Route("/cancel", cancel, methods=post)]
    return Mount("/a2a", routes=routes)


def respond(body: Body, status: HTTPStatus, headers: Mapping[str, str] | None = None) -> Response:
    """A body as JSON, with text as it is."""
    asked = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    return _Json(body, status, {**_HEADERS, **asked, **(headers or {})})


class _Json(JSONResponse):
    def render(self, content: Any) -> bytes:  # noqa: ANN401 - as Starlette has it
        # half of a surrogate pair, as a file name in git may hold, is no UTF-8: it goes out escaped
        try:
            return super().render(content)
        except UnicodeEncodeError:
            return json.dumps(content, separators=(",", ":")).encode()
