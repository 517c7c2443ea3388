"""`/api/kb`: what the dependency-orchestrator and the pattern-miner call, as their clients spell it."""

import asyncio
from dataclasses import replace
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from a2a_gateway.agent_routes import refuse, respond
from a2a_gateway.answer import CannotAnswer
from a2a_gateway.call import Body, Call, read_object
from a2a_gateway.callers.caller import Caller, caller_of
from a2a_gateway.kb.observed import each_repository, noted
from a2a_gateway.kb.skills import DEPLOYMENT, KB_SKILLS, OBSERVE, PATTERNS
from a2a_gateway.only import Only
from a2a_gateway.perform import Outcome, Performer
from devnexus.values import digest

_LESSON, _CROSS = "add_lesson_learned", "get_cross_repo_patterns"


def kb_routes(performer: Performer) -> list[BaseRoute]:
    """The five routes. They go the way of every call: access, idempotency and waiting are the same."""
    of_old = replace(performer, skills=KB_SKILLS)

    async def add_lesson(request: Request) -> Response:
        try:
            body = read_object(await request.body())
        except CannotAnswer as problem:
            return refuse(problem)
        call = Call(_LESSON, body, idempotency_key=request.headers.get("idempotency-key", ""))
        outcome = await performer.perform(call, caller_of(request.scope))
        created = outcome.status == HTTPStatus.OK
        return respond(outcome.body, HTTPStatus.CREATED if created else outcome.status)

    async def observe(request: Request) -> Response:
        try:
            body = read_object(await request.body())
        except CannotAnswer as problem:
            return refuse(problem)
        key = request.headers.get("idempotency-key") or str(body.get("idempotency_key") or digest(body))
        outcome = noted(body, await _observe(body, key, of_old, caller_of(request.scope)))
        return respond(outcome.body, outcome.status)

    async def deployment(request: Request) -> Response:
        return await _of_repository(DEPLOYMENT.id, request, of_old)

    async def patterns(request: Request) -> Response:
        return await _of_repository(PATTERNS.id, request, of_old)

    async def cross_repo_patterns(request: Request) -> Response:
        outcome = await _of_type(request.path_params["pattern_type"], request, performer)
        return respond(outcome.body, outcome.status)

    return [
        Only("/api/kb/lessons-learned", add_lesson, methods=["POST"]),
        Only("/api/kb/cross-repo-patterns", observe, methods=["POST"]),
        Only("/api/kb/deployment/{owner}/{repo}", deployment, methods=["GET"]),
        Only("/api/kb/patterns/{owner}/{repo}", patterns, methods=["GET"]),
        Only("/api/kb/cross-repo-patterns/{pattern_type}", cross_repo_patterns, methods=["GET"]),
    ]


async def _of_repository(skill_id: str, request: Request, of_old: Performer) -> Response:
    name = "{owner}/{repo}".format_map(request.path_params)
    call = Call(skill_id, {**request.query_params, "repository": name})
    outcome = await of_old.perform(call, caller_of(request.scope))
    return respond(outcome.body, outcome.status)


async def _of_type(pattern_type: str, request: Request, performer: Performer) -> Outcome:
    """404 where nobody uses one: the orchestrator takes an empty list for knowledge."""
    stamp: Body = {}
    for spelled in dict.fromkeys((pattern_type, pattern_type.replace("_", "-"))):
        call = Call(_CROSS, {**request.query_params, "pattern_type": spelled})
        outcome = await performer.perform(call, caller_of(request.scope))
        if outcome.status != HTTPStatus.OK or outcome.body["total_patterns"]:
            return Outcome({"pattern_type": pattern_type, **outcome.body}, outcome.status)
        stamp = {name: outcome.body[name] for name in ("timestamp", "execution_time_ms")}
    error = f"No pattern of this kind is used by several repositories: {pattern_type}"
    return Outcome({"success": False, "error": error, **stamp}, HTTPStatus.NOT_FOUND)


async def _observe(body: Body, key: str, of_old: Performer, caller: Caller) -> dict[str, Outcome]:
    """What became of it at each repository, told all at once."""

    async def tell(name: str) -> Outcome:
        given = {**body, "repository": name, "idempotency_key": digest([key, name.lower()], length=32)}
        return await of_old.perform(Call(OBSERVE.id, given), caller)

    names = each_repository(body)
    return dict(zip(names, await asyncio.gather(*map(tell, names)), strict=True))
