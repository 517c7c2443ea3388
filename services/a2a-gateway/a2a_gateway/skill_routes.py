"""`/skills`: one route for each skill, their list, and the document that describes them all."""

import hashlib
import json
from collections.abc import Callable
from functools import cache
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from a2a_gateway.agent_routes import answered, refuse, respond
from a2a_gateway.answer import CannotAnswer
from a2a_gateway.call import Body, Call, read_object
from a2a_gateway.callers.caller import caller_of
from a2a_gateway.described.card import Entry
from a2a_gateway.described.skill_list import skill_list
from a2a_gateway.only import Only
from a2a_gateway.perform import Performer


def skill_routes(performer: Performer, describe: Callable[[], Entry]) -> list[BaseRoute]:
    """Whatever is derived from the registry; `describe` makes the OpenAPI document, once somebody asks."""

    async def call_skill(request: Request) -> Response:
        try:
            content = await request.body()
            given = read_object(content) if content else {}
        except CannotAnswer as problem:
            return refuse(problem)
        key = request.headers.get("idempotency-key", "")
        call = Call(request.path_params["skill_id"], given, idempotency_key=key)
        outcome = await performer.perform(call, caller_of(request.scope))
        return answered(outcome, call)

    async def list_skills(_: Request) -> Response:
        body: Body = skill_list(performer.skills).model_dump(mode="json")
        return respond(body, HTTPStatus.OK)

    return [
        Only("/skills", list_skills, methods=["GET"]),
        Only("/skills/{skill_id}", call_skill, methods=["POST"]),
        Only("/openapi.json", _document(describe), methods=["GET"]),
    ]


def _document(describe: Callable[[], Entry]) -> Callable[[Request], Response]:
    @cache
    def written() -> tuple[bytes, str]:
        content = json.dumps(describe(), ensure_ascii=False).encode()
        return content, f'"{hashlib.sha256(content).hexdigest()[:16]}"'

    def document(request: Request) -> Response:  # in a thread: the first one takes some 100 ms
        content, tag = written()
        headers = {"X-Content-Type-Options": "nosniff", "ETag": tag, "Cache-Control": "no-cache"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(content, media_type="application/json", headers=headers)

    return document
