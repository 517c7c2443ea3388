"""`GET /health`, answered beside the pool of threads: a full one must not look like a dead service."""

from functools import partial
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse

from a2a_gateway.answer import CannotAnswer
from a2a_gateway.callers.caller import LOCAL
from a2a_gateway.database_look import DatabaseLook
from a2a_gateway.described.card import SERVICE, VERSION, Home
from a2a_gateway.knowledge.read_model import ReadModel
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.only import Only
from a2a_gateway.registry import Skills
from a2a_gateway.tasks.own_threads import OwnThreads
from devnexus.errors import Unavailable


def health_route(
    *, skills: Skills, model: ReadModel, home: Home, database: DatabaseLook | None = None
) -> Only:
    """200 as soon as something can be answered, `degraded` while that is not known to be the newest.

    Degraded as well while the database does not answer: then nothing can be written.
    """
    about = {
        "service": SERVICE,
        "version": VERSION,
        "knowledge_base_repo": home.knowledge,
        "skills_registered": len(skills),
        "skills": [*skills],
        "database": "disabled",
    }

    threads = OwnThreads(2, most_in_line=100)

    async def health(_: Request) -> JSONResponse:
        try:
            at_hand = model.at_hand(LOCAL)
            reading = at_hand if at_hand else await threads.run(partial(model.reading, LOCAL))
        except (Unavailable, CannotAnswer):
            unhealthy = {"status": "unhealthy", **about, "error": "The knowledge base cannot be read"}
            return JSONResponse(unhealthy, HTTPStatus.SERVICE_UNAVAILABLE)
        state = _state(reading)
        if database:
            state["database"] = told = await database.state()
            state["status"] = state["status"] if told["status"] == "healthy" else "degraded"
        return JSONResponse({**about, **state})

    return Only("/health", health)


def _state(reading: Reading) -> dict[str, object]:
    return {
        "status": "degraded" if reading.stale_seconds else "healthy",
        "revision": reading.revision,
        "repositories": len(reading.repositories),
        "stale_seconds": reading.stale_seconds,
        "files_with_mistakes": len(reading.view.problems),
    }
