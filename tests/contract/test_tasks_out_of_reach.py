"""A database that is away is no bug of the gateway's, and whoever asks is told to come again."""

import asyncio

import httpx
import psycopg
from a2a.server.request_handlers import DefaultRequestHandlerV2
from a2a.types.a2a_pb2 import AgentCapabilities, AgentCard
from starlette.applications import Starlette
from starlette.middleware import Middleware

from a2a_gateway.callers.access import KnownCallers
from a2a_gateway.callers.caller import LOCAL
from a2a_gateway.callers.callers import Callers
from a2a_gateway.protocol.routes import protocol_routes
from a2a_gateway.protocol.stores import open_stores

CARD = AgentCard(name="x", capabilities=AgentCapabilities(streaming=True))
GET = {"jsonrpc": "2.0", "id": 1, "method": "GetTask", "params": {"id": "t"}}
OLD_GET = {**GET, "method": "tasks/get"}
REQUESTS = [
    ("GET", "/v1/tasks/t", None),
    ("GET", "/v1/tasks", None),
    ("POST", "/v1", GET),
    ("POST", "/v0.3", OLD_GET),
    ("GET", "/v0.3/v1/tasks/t", None),
]


def drop(url):
    with psycopg.connect(url) as connection:
        name = connection.info.dbname
    with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_it_is_said_by_every_door_without_a_word_of_the_database(postgresql, caplog):
    async def story():
        url = postgresql.new_database()
        stores = open_stores(url, None)
        await stores.begin()
        kept = {"task_store": stores.tasks, "event_stream": stores.event_stream}
        handler = DefaultRequestHandlerV2(None, agent_card=CARD, **kept)
        known = Middleware(KnownCallers, callers=Callers(anonymous=LOCAL))
        app = Starlette(routes=protocol_routes(handler), middleware=[known])
        drop(url)
        way_in = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=way_in, base_url="http://localhost/a2a") as client:
            answers = [await ask(client, *request) for request in REQUESTS]
        await handler.aclose()
        await stores.close()
        return answers

    async def ask(client, method, path, body):
        version = "0.3" if "0.3" in path else "1.0"
        return await client.request(method, path, json=body, headers={"A2A-Version": version})

    for answer in asyncio.run(story()):
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        assert "does not answer" in answer.text
        assert not [word for word in ("psycopg", "SELECT", "test_") if word in answer.text]
    assert "bug" not in caplog.text
