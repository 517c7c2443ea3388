"""`GET /health`, answered beside the pool of threads: a full one must not look like a dead service."""

from functools import partial
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse

from a2a_gateway.answer import CannotAnswer
from a2a_gateway.callers.caller import ANONYMOUS, Caller
from a2a_gateway.database_look import DatabaseLook
from a2a_gateway.described.card import SERVICE, VERSION, Home
from a2a_gateway.knowledge.read_model import ReadModel
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.only import Only
from a2a_gateway.registry import Skills
from a2a_gateway.tasks.own_threads import OwnThreads
from devnexus.errors import Unavailable


def health_route(
    *,
    skills: Skills,
    model: ReadModel,
    home: Home,
    anonymous: Caller | None = None,
    database: DatabaseLook | None = None,
) -> Only:
    """200 as soon as something can be answered, `degraded` while that is not known to be the newest.

    Degraded as well while the database does not answer: then nothing can be written. Anybody may ask, so that
    nothing is counted but what `anonymous` may see; None: somebody who may see nothing.
    """
    about = {
        "service": SERVICE,
        "version": VERSION,
        "knowledge_base_repo": home.knowledge,
        "skills_registered": len(skills),
        "skills": [*skills],
        "database": "disabled",
    }

    threads, asking = OwnThreads(2, most_in_line=100), anonymous or ANONYMOUS

    async def health(_: Request) -> JSONResponse:
        try:
            at_hand = model.at_hand(asking)
            reading = at_hand if at_hand else await threads.run(partial(model.reading, asking))
        except (Unavailable, CannotAnswer):
            unhealthy = {"status": "unhealthy", **about, "error": "The knowledge base cannot be read"}
            return JSONResponse(unhealthy, HTTPStatus.SERVICE_UNAVAILABLE)
        state = _state(reading)
        if anonymous:
            state.update(
                repositories=len(reading.view.repositories), files_with_mistakes=len(reading.view.problems)
            )
        if database:
            state["database"] = told = await database.state()
            state["status"] = state["status"] if told["status"] == "healthy" else "degraded"
        return JSONResponse({**about, **state})

    return Only("/health", health)


def _state(reading: Reading) -> dict[str, object]:
    return {
        "status": "degraded" if reading.stale_seconds else "healthy",
        "revision": reading.revision,
        "stale_seconds": reading.stale_seconds,
    }
