"""While the database of the tasks is away, callers are told to come again, and not of a bug."""

import asyncio

import httpx
import pytest
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
GET_TASK = {"jsonrpc": "2.0", "id": 1, "method": "GetTask", "params": {"id": "t"}}
OLD_GET_TASK = {"jsonrpc": "2.0", "id": 1, "method": "tasks/get", "params": {"id": "t"}}


@pytest.fixture
def ask(tmp_path):
    """Asks where nothing listens at the database's address."""

    def send(method, path, **request):
        async def story():
            stores = open_stores(f"postgresql://postgres@/state?host={tmp_path}", None)
            handler = DefaultRequestHandlerV2(
                None, agent_card=CARD, task_store=stores.tasks, event_stream=stores.event_stream
            )
            known = Middleware(KnownCallers, callers=Callers(anonymous=LOCAL))
            app = Starlette(routes=protocol_routes(handler), middleware=[known])
            headers = {"A2A-Version": "0.3" if "v0.3" in path else "1.0"}
            way_in = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=way_in, base_url="http://localhost") as client:
                answer = await client.request(method, path, headers=headers, **request)
            await handler.aclose()
            await stores.close()
            return answer

        return asyncio.run(story())

    return send


@pytest.mark.parametrize("path", ["/a2a/v1/tasks/t", "/a2a/v1/tasks/t:subscribe", "/a2a/v0.3/v1/tasks/t"])
def test_over_http_that_is_503_with_the_time_to_come_again(ask, path, caplog):
    answer = ask("GET", path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "bug" not in caplog.text


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [("/a2a/v1", GET_TASK, -32054), ("/a2a/v0.3", OLD_GET_TASK, -32603)],  # 0.3 has no codes of our own
)
def test_over_json_rpc_it_is_said_in_so_many_words(ask, path, body, code):
    error = ask("POST", path, json=body).json()["error"]
    assert error["code"] == code
    assert error["message"].endswith("Try again in a while")
