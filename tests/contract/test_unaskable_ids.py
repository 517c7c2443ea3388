"""Ids that PostgreSQL refuses to look for are no bug of the gateway's, whatever is asked by them."""

import asyncio

import httpx
from a2a.server.request_handlers import DefaultRequestHandlerV2
from a2a.types.a2a_pb2 import AgentCapabilities, AgentCard
from starlette.applications import Starlette
from starlette.middleware import Middleware

from a2a_gateway.callers.access import KnownCallers
from a2a_gateway.callers.caller import LOCAL
from a2a_gateway.callers.callers import Callers
from a2a_gateway.protocol.routes import protocol_routes
from a2a_gateway.protocol.stores import open_stores

CARD = AgentCard(name="x", capabilities=AgentCapabilities(streaming=True, push_notifications=True))
REQUESTS = [
    ("GET", "/tasks/a%00b"),
    ("GET", f"/tasks/{'x' * 5000}"),
    ("GET", "/tasks?contextId=%00"),
    ("GET", "/tasks?pageToken=AAAA"),
    ("POST", "/tasks/%00:cancel"),
    ("GET", "/tasks/%00:subscribe"),
    ("GET", "/tasks/%00/pushNotificationConfigs"),
    ("DELETE", "/tasks/x/pushNotificationConfigs/%00"),
]


def test_they_are_the_ids_of_nothing(postgresql, caplog):
    async def story():
        stores = open_stores(postgresql.new_database(), None)
        await stores.begin()
        kept = {"task_store": stores.tasks, "event_stream": stores.event_stream}
        handler = DefaultRequestHandlerV2(
            None, agent_card=CARD, push_config_store=stores.push_configs, **kept
        )
        known = Middleware(KnownCallers, callers=Callers(anonymous=LOCAL))
        app = Starlette(routes=protocol_routes(handler), middleware=[known])
        way_in = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=way_in, base_url="http://localhost/a2a/v1") as client:
            headers = {"A2A-Version": "1.0"}
            statuses = [
                (await client.request(method, path, headers=headers)).status_code for method, path in REQUESTS
            ]
        await handler.aclose()
        await stores.close()
        return statuses

    assert set(asyncio.run(story())) <= {400, 404}
    assert "bug" not in caplog.text
