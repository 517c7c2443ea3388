"""What agents call: `/a2a/execute`, `/a2a/cancel` and the card that tells of the skills."""

import time
from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request

from a2a_gateway.call import Body, Call, read_call, read_object
from a2a_gateway.card import Home, agent_card, skill_entries
from a2a_gateway.read_model import ReadModel
from a2a_gateway.reading import Reading
from a2a_gateway.registry import Skills
from a2a_gateway.skill import CannotAnswer
from devnexus.errors import Unavailable
from devnexus.timestamps import write


def agent_routes(*, skills: Skills, model: ReadModel, home: Home) -> Blueprint:
    """The routes that existing agents know."""
    blueprint = Blueprint("agents", __name__)
    entries = skill_entries(skills)

    @blueprint.post("/a2a/execute")
    def execute() -> tuple[Response, HTTPStatus]:
        try:
            call = read_call(request.get_data())
        except CannotAnswer as problem:
            return jsonify(error=problem.error), problem.status
        body, status = perform(call, skills=skills, model=model)
        return jsonify(call.envelope(body)), status

    @blueprint.post("/a2a/cancel")
    def cancel() -> tuple[Response, HTTPStatus]:
        try:
            task = read_object(request.get_data()).get("task_id")
        except CannotAnswer as problem:
            return jsonify(error=problem.error), problem.status
        if not task:
            return jsonify(error="Missing required field: task_id"), HTTPStatus.BAD_REQUEST
        return jsonify(error=f"Unknown task: {task}"), HTTPStatus.NOT_FOUND

    @blueprint.get("/.well-known/agent.json")
    def card() -> Response:
        return jsonify(agent_card(entries, home, request.host_url.rstrip("/")))

    return blueprint


def perform(call: Call, *, skills: Skills, model: ReadModel) -> tuple[Body, HTTPStatus]:
    """The answer to a call, or why there is none, and the status that says so."""
    started = time.perf_counter()
    skill = skills.get(call.skill_id)
    if skill is None:
        error = f"Unknown skill: {call.skill_id}"
        return {"success": False, "error": error, "available_skills": [*skills]}, HTTPStatus.NOT_FOUND
    try:
        knowledge = model.reading()
        answer = skill.answer(call.input, knowledge).model_dump(mode="json")
    except CannotAnswer as problem:
        refusal = {"success": False, "error": problem.error, "skill_id": skill.id, **problem.fields}
        return refusal, problem.status
    except Unavailable:
        error = "The knowledge base cannot be read at the moment. Try again in a few seconds."
        refusal = {"success": False, "error": error, "skill_id": skill.id}
        return refusal, HTTPStatus.SERVICE_UNAVAILABLE
    return {**answer, **_stamp(knowledge, started)}, HTTPStatus.OK


def _stamp(knowledge: Reading, started: float) -> Body:
    """What every answer says of itself: as of which commit, how old, when, and how long it took."""
    return {
        "revision": knowledge.revision,
        "stale_seconds": knowledge.stale_seconds,
        "timestamp": write(datetime.now(UTC)),
        "execution_time_ms": round((time.perf_counter() - started) * 1000),
    }
