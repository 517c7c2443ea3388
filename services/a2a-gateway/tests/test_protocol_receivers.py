"""Asking to be told of a task, through the whole application and by the protocol's official client."""

import asyncio
import json
import time
from contextlib import contextmanager

import pytest
import requests
from a2a.client import ClientConfig, create_client
from a2a.types.a2a_pb2 import (
    AuthenticationInfo,
    Message,
    Part,
    Role,
    SendMessageConfiguration,
    SendMessageRequest,
    TaskPushNotificationConfig,
)
from fakes.webhook_target import WebhookTarget
from served import served
from starlette.middleware import Middleware

from a2a_gateway.application import make_application
from a2a_gateway.callers.access import KnownCallers
from a2a_gateway.callers.caller import Caller
from a2a_gateway.callers.callers import Callers
from a2a_gateway.ending import ending
from a2a_gateway.protocol.push import PushSender
from a2a_gateway.protocol.push_post import Post
from a2a_gateway.protocol.serving import speak
from a2a_gateway.protocol.stores import in_memory
from a2a_gateway.protocol.values import as_value

WRITER = Caller("ana@example.com", is_verified=True, may_write=True)
V1 = {"A2A-Version": "1.0"}
NEW = {"repository": "acme/new"}
BINDINGS = ("JSONRPC", "HTTP+JSON")


async def anywhere(_):
    return True


@contextmanager
def telling(world, caller):
    """The address of the same world, which may tell receivers on this machine."""
    stores = in_memory()
    sender = PushSender(stores.push_configs, post=Post(allow_private=True))
    protocol = speak(world.performer, world.home, stores, sender=sender, may_be_told=anywhere)
    app = make_application(
        performer=world.performer,
        home=world.home,
        in_front=[Middleware(KnownCallers, callers=Callers(anonymous=caller))],
        protocol=protocol.routes,
        lifespan=ending(begin=[protocol.begin], hurry=[], end=[protocol.end], close=[]),
    )
    with served(app) as url:
        yield url


def told(target, is_over, seconds=5.0):
    """All that was told, once that is over."""
    until = time.monotonic() + seconds
    while not (bodies := [json.loads(one.body) for one in target.received]) or not is_over(bodies[-1]):
        assert time.monotonic() < until, f"only this was told: {bodies}"
        time.sleep(0.01)
    return bodies


def state_of(body):
    return (body.get("statusUpdate") or body.get("task") or {}).get("status", {}).get("state", "")


async def asked(url, binding, receiver):
    """The task as it stands when the client goes away."""
    message = Message(
        message_id=f"m-{binding}",
        role=Role.ROLE_USER,
        parts=[Part(data=as_value(NEW))],
        metadata={"skillId": "add_repository"},
    )
    how = SendMessageConfiguration(return_immediately=True, task_push_notification_config=receiver)
    config = ClientConfig(streaming=False, supported_protocol_bindings=[binding])
    async with await create_client(url, config) as client:
        (answer,) = [
            one async for one in client.send_message(SendMessageRequest(message=message, configuration=how))
        ]
    return answer.task


@pytest.mark.parametrize("binding", BINDINGS)
def test_who_does_not_wait_is_told_of_everything_in_order_and_last_that_it_is_done(writer, binding):
    secrets = AuthenticationInfo(scheme="Bearer", credentials="let-me-in")
    with WebhookTarget(503) as target, telling(writer, WRITER) as url:
        receiver = TaskPushNotificationConfig(url=target.url, token="tok", authentication=secrets)
        task = asyncio.run(asked(url, binding, receiver))
        bodies = told(target, lambda body: state_of(body) == "TASK_STATE_COMPLETED")
    first, again, *_ = bodies
    assert first == again  # it failed at first
    assert first["task"]["id"] == task.id
    kinds = [next(iter(body)) for body in bodies[1:]]
    assert kinds[0] == "task"
    assert kinds[-2:] == ["artifactUpdate", "statusUpdate"]
    (artifact,) = [body["artifactUpdate"] for body in bodies if "artifactUpdate" in body]
    assert artifact["taskId"] == task.id
    assert artifact["artifact"]["parts"][0]["data"]["committed"] is True
    headers = target.received[-1].headers
    assert (headers["Authorization"], headers["X-A2A-Notification-Token"]) == ("Bearer let-me-in", "tok")


def test_a_client_of_0_3_is_told_of_the_task_in_its_own_words(writer):
    parts = [{"kind": "data", "data": NEW}]
    message = {"kind": "message", "messageId": "m", "role": "user", "parts": parts}
    with WebhookTarget() as target, telling(writer, WRITER) as url:
        how = {"blocking": False, "pushNotificationConfig": {"url": target.url, "token": "tok"}}
        params = {"message": {**message, "metadata": {"skillId": "add_repository"}}, "configuration": how}
        call = {"jsonrpc": "2.0", "id": 1, "method": "message/send", "params": params}
        task = requests.post(f"{url}/a2a/v0.3", json=call, timeout=10).json()["result"]
        bodies = told(target, lambda body: body["status"]["state"] == "completed")
    assert {(body["kind"], body["id"], body["contextId"]) for body in bodies} == {
        ("task", task["id"], task["contextId"])
    }
    assert target.received[0].headers["Content-Type"] == "application/json"


def violations(answer):
    assert answer.status_code == 400
    details = answer.json()["error"]["details"]
    return [one["field"] for detail in details for one in detail.get("fieldViolations", ())]


WRONG = {"url": "https://example.org/", "token": "a\r\nX: y", "authentication": {"scheme": "Digest"}}
INSIDE = {"url": "https://169.254.169.254/latest"}


def test_a_receiver_that_cannot_be_told_is_refused_by_field_and_nothing_begins(world):
    message = {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": "hello"}]}

    def sent(receiver):
        body = {"message": message, "configuration": {"taskPushNotificationConfig": receiver}}
        return world.client.post("/a2a/v1/message:send", json=body, headers=V1)

    within = "configuration.taskPushNotificationConfig"
    assert violations(sent(WRONG)) == [f"{within}.token", f"{within}.authentication.scheme"]
    assert violations(sent(INSIDE)) == [f"{within}.url"]
    with world.client:
        assert world.client.get("/a2a/v1/tasks", headers=V1).json()["tasks"] == []
        task_id = sent({"url": "https://example.org/"}).json()["task"]["id"]
        place = f"/a2a/v1/tasks/{task_id}/pushNotificationConfigs"
        assert violations(world.client.post(place, json=WRONG, headers=V1)) == [
            "token",
            "authentication.scheme",
        ]
        assert violations(world.client.post(place, json=INSIDE, headers=V1)) == ["url"]
        kept = [
            world.client.post(place, json={"id": str(number), "url": "https://example.org/"}, headers=V1)
            for number in range(10)
        ]
        assert [one.status_code for one in kept] == [200] * 9 + [400]  # one came with the message
        assert violations(kept[-1]) == ["id"]
        assert len(world.client.get(place, headers=V1).json()["configs"]) == 10
