"""The gateway, in its own process with one address more: what it has in hand at the moment."""

import asyncio
import gc
import os
from collections import Counter

from a2a.server.agent_execution.active_task import ActiveTask
from a2a.server.events.event_queue_v2 import EventQueueSink, EventQueueSource
from sse_starlette.sse import EventSourceResponse
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from a2a_gateway import main
from a2a_gateway.tasks.pooled import Pooled

_KINDS = (ActiveTask, EventQueueSink, EventQueueSource, Pooled)


def create_app():
    """As `a2a_gateway.main` makes it; streams are kept alive more often where PING_SECONDS says so."""
    if seconds := os.environ.get("PING_SECONDS"):
        EventSourceResponse.DEFAULT_PING_INTERVAL = float(seconds)
    app = main.create_app()
    app.router.routes.insert(0, Route("/counts", counts))
    return app


async def counts(_: Request) -> JSONResponse:
    """Objects by kind, and what runs in the event loop by the name of its coroutine."""
    gc.collect()
    kinds = Counter(type(one).__name__ for one in gc.get_objects() if isinstance(one, _KINDS))
    running = Counter(getattr(task.get_coro(), "__qualname__", "?") for task in asyncio.all_tasks())
    return JSONResponse({"kinds": kinds, "tasks": running})
