"""Whatever is sent to the protocol: an answer that says what is wrong, and nothing of how we are made."""

import json
import re
import time

import pytest
from a2a.types.a2a_pb2 import Task, TaskState, TaskStatus
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from a2a_gateway.callers.access import KnownCallers
from a2a_gateway.callers.caller import LOCAL
from a2a_gateway.callers.callers import Callers
from a2a_gateway.limits import WholeBodies
from a2a_gateway.protocol.discretion import MOST_VALUES
from a2a_gateway.protocol.routes import protocol_routes

VERSION = {"A2A-Version": "1.0"}
JSON = {"Content-Type": "application/json"}
INTERNAL = (
    *("Traceback", "Error", "Exception", "Failed to", "object is not", "has no attribute", "codec"),
    *(
        "line 1",
        "char ",
        "recursion",
        "lf.a2a",
        "protobuf",
        "pydantic",
        "sqlalchemy",
        "SELECT",
        "a2a_gateway",
    ),
)
"""What only an exception says."""

SECRET = "password of the database"
DEEP = "[" * 300 + "]" * 300


def sent(**changes):
    return {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": "hi"}], **changes}


def old(**changes):
    part = {"kind": "text", "text": "hi"}
    return {"kind": "message", "messageId": "m", "role": "user", "parts": [part], **changes}


def oldest(**changes):
    return {"messageId": "m", "role": "ROLE_USER", "content": [{"text": "hi"}], **changes}


def data(content):
    return {"parts": [{"data": content}]}


NO_JSON = {
    "nothing": b"",
    "half of it": b'{"message": {',
    "text": b"hello",
    "NaN": b'{"message": {"parts": [{"data": NaN}]}}',
    "a number beyond all": b'{"message": {"parts": [{"data": 1e999}]}}',
    "a number without end": b'{"message": ' + b"9" * 5000 + b"}",
    "half of a surrogate pair": b'{"message": {"parts": [{"text": "\\ud800"}]}}',
    "another encoding": json.dumps({"message": sent()}).encode("utf-16"),
    "bytes": b'{"message": "\xff\xfe"}',
    "brackets": b"[" * 100_000,
}
NO_REQUEST = {
    "a list": [],
    "a number": 7,
    "nothing": None,
    "a text": "message",
    "no message": {},
    "a message that is a number": {"message": 7},
    "a message that is a list": {"message": [sent()]},
    "no parts": {"message": sent(parts=[])},
    "parts that are an object": {"message": sent(parts={"text": "hi"})},
    "a part that is null": {"message": sent(parts=[None])},
    "a part of two kinds": {"message": sent(parts=[{"text": "a", "data": 1}])},
    "a text that is an object": {"message": sent(parts=[{"text": {"a": 1}}])},
    "metadata that are a list": {"message": sent(metadata=[1])},
    "no role": {"message": sent(role="ROLE_GOD")},
    "data that is nested too deeply": {"message": sent(**data(json.loads(DEEP)))},
    "a number that no double holds": {"message": sent(**data(10**400))},
    "a history of a text": {"message": sent(), "configuration": {"historyLength": "x"}},
    "a history of too much": {"message": sent(), "configuration": {"historyLength": 2**40}},
    "a history of less than nothing": {"message": sent(), "configuration": {"historyLength": -1}},
    "a skill that is a number": {"message": sent(metadata={"skillId": 7})},
    "a skill that there is none of": {"message": sent(metadata={"skillId": "' OR 1=1 --"})},
    "two skills": {"message": sent(metadata={"skillId": "a", "skill": "b"})},
    "a file": {"message": sent(parts=[{"raw": "AA=="}], metadata={"skillId": "query_patterns"})},
    "a task of nobody's": {"message": sent(taskId="a\0b")},
    "a picture": {"message": sent(parts=[{"text": "hi", "mediaType": "image/png"}])},
    "where to be told": {
        "message": sent(),
        "configuration": {"taskPushNotificationConfig": {"url": "file:///etc/passwd"}},
    },
}
NO_RPC = {
    "a batch": [{"jsonrpc": "2.0", "id": 1, "method": "GetTask", "params": {"id": "x"}}],
    "an older protocol": {"jsonrpc": "1.0", "id": 1, "method": "GetTask", "params": {"id": "x"}},
    "no method": {"jsonrpc": "2.0", "id": 1},
    "a method that is null": {"jsonrpc": "2.0", "id": 1, "method": None},
    "a method that is a number": {"jsonrpc": "2.0", "id": 1, "method": 7},
    "a method of the library": {"jsonrpc": "2.0", "id": 1, "method": "rpc.x"},
    "a method that there is none of": {"jsonrpc": "2.0", "id": 1, "method": "DropTables"},
    "a private method": {"jsonrpc": "2.0", "id": 1, "method": "__class__"},
    "an id that is an object": {"jsonrpc": "2.0", "id": {}, "method": "GetTask", "params": {"id": "x"}},
    "an id that is true": {"jsonrpc": "2.0", "id": True, "method": "GetTask", "params": {"id": "x"}},
    "params that are a text": {"jsonrpc": "2.0", "id": 1, "method": "GetTask", "params": "x"},
    "params that are a list": {"jsonrpc": "2.0", "id": 1, "method": "GetTask", "params": ["x"]},
    "a task of nobody's": {"jsonrpc": "2.0", "id": 1, "method": "GetTask", "params": {"id": "\0"}},
    "no task": {"jsonrpc": "2.0", "id": 1, "method": "CancelTask", "params": {}},
    "a page of junk": {"jsonrpc": "2.0", "id": 1, "method": "ListTasks", "params": {"pageToken": "\0"}},
    "a page of everything": {"jsonrpc": "2.0", "id": 1, "method": "ListTasks", "params": {"pageSize": 10**9}},
    "a stream of nobody's": {"jsonrpc": "2.0", "id": 1, "method": "SubscribeToTask", "params": {"id": "x"}},
}
PATHS = {
    "a task of nobody's": ("GET", "/tasks/a%00b%ff"),
    "a history of a text": ("GET", "/tasks/x?historyLength=x"),
    "a page of a text": ("GET", "/tasks?pageSize=x"),
    "a page of junk": ("GET", "/tasks?pageToken=%00"),
    "since a text": ("GET", "/tasks?statusTimestampAfter=x"),
    "an end of nothing": ("POST", "/tasks/x:cancel"),
    "a stream of nobody's": ("GET", "/tasks/x:subscribe"),
    "where nobody is told": ("GET", "/tasks/x/pushNotificationConfigs/y"),
    "somebody else's tenant": ("GET", "/acme/tasks"),
    "another method": ("PUT", "/message:send"),
}
OLD_REQUESTS = {
    "no message": {},
    "a message that is a number": {"message": 7},
    "a part of no kind": {"message": old(parts=[{}])},
    "a part of another kind": {"message": old(parts=[{"kind": "zip"}])},
    "data that is nested too deeply": {
        "message": old(parts=[{"kind": "data", "data": {"a": json.loads(DEEP)}}])
    },
    "a number that no double holds": {"message": old(parts=[{"kind": "data", "data": {"a": 10**400}}])},
    "a history of too much": {"message": old(), "configuration": {"historyLength": 2**40}},
    "a skill that there is none of": {"message": old(metadata={"skillId": "x"})},
}
OLDEST_REQUESTS = {
    "no message": {},
    "a message that is a number": {"message": 7},
    "a part of no kind": {"message": oldest(content=[{}])},
    "data that is nested too deeply": {
        "message": oldest(content=[{"data": {"data": {"a": json.loads(DEEP)}}}])
    },
    "where to be told": {"message": oldest(), "configuration": {"push_notification": {"url": 7}}},
    "a skill that there is none of": {"message": oldest(metadata={"skillId": "x"})},
}


@pytest.fixture(scope="module")
def client(world_class, tmp_path_factory):
    known = Middleware(KnownCallers, callers=Callers(anonymous=LOCAL))
    world = world_class(
        tmp_path_factory.mktemp("hostile") / "k.git", in_front=[known, Middleware(WholeBodies)]
    )
    with world.client:
        yield world.client
    world.store.close()


def post(client, path, body, **headers):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(path, content=content, headers={**VERSION, **JSON, **headers})


def call(method, params):
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def said(answer):
    """What an answer says, which is nothing internal."""
    told = answer.text.replace("google.rpc.ErrorInfo", "")
    assert not [word for word in INTERNAL if word in told], told
    return told


def check(answer, *, rpc):
    """That it is refused, in the protocol's own way, and how."""
    told = said(answer)
    assert len(told) < 5000
    body = answer.json()
    error = body["error"]
    if rpc:
        assert (answer.status_code, "result" in body) == (200, False), told
        assert -32800 < error["code"] < -32000
        assert error["code"] != -32603, told
    else:
        assert 400 <= answer.status_code < 500, told
        assert error["code"] == answer.status_code
        assert error["details"][0]["reason"]
    assert error["message"]
    return error


@pytest.mark.parametrize("body", NO_JSON.values(), ids=NO_JSON)
def test_what_is_not_json_is_said_to_be_none(client, body):
    for path in ("/a2a/v1", "/a2a/v1/", "/a2a/v0.3"):
        assert check(post(client, path, body), rpc=True)["code"] == -32700
    old_version = {"A2A-Version": "0.3"}
    for path in ("/a2a/v1/message:send", "/a2a/v1/message:stream"):
        assert check(post(client, path, body), rpc=False)["message"]
        path = path.replace("v1", "v0.3/v1")
        assert check(post(client, path, body, **old_version), rpc=False)["message"]


@pytest.mark.parametrize("body", NO_REQUEST.values(), ids=NO_REQUEST)
def test_what_is_no_request_is_refused_before_there_is_a_task(client, body):
    for method in ("SendMessage", "SendStreamingMessage"):
        check(post(client, "/a2a/v1", call(method, body)), rpc=True)
    for path in ("/a2a/v1/message:send", "/a2a/v1/message:stream"):
        check(post(client, path, body), rpc=False)
    tasks = client.get("/a2a/v1/tasks", headers=VERSION)
    assert tasks.json().get("tasks", []) == []


@pytest.mark.parametrize("body", NO_RPC.values(), ids=NO_RPC)
def test_what_is_no_json_rpc_is_refused(client, body):
    check(post(client, "/a2a/v1", body), rpc=True)


@pytest.mark.parametrize(("method", "path"), PATHS.values(), ids=PATHS)
def test_a_path_that_leads_nowhere_is_no_trouble(client, method, path):
    answer = client.request(method, f"/a2a/v1{path}", headers=VERSION)
    assert 400 <= answer.status_code < 500
    assert said(answer)
    assert answer.json()["error"]


@pytest.mark.parametrize("params", OLD_REQUESTS.values(), ids=OLD_REQUESTS)
def test_what_is_no_request_of_the_old_version_is_refused(client, params):
    answer = post(client, "/a2a/v0.3", call("message/send", params), **{"A2A-Version": ""})
    check(answer, rpc=True)
    stream = post(client, "/a2a/v0.3", call("message/stream", params), **{"A2A-Version": ""})
    assert check(stream, rpc=True) == answer.json()["error"]


@pytest.mark.parametrize("body", OLDEST_REQUESTS.values(), ids=OLDEST_REQUESTS)
def test_what_is_no_request_of_the_old_version_over_http_is_refused(client, body):
    for path in ("/a2a/v0.3/v1/message:send", "/a2a/v0.3/v1/message:stream"):
        check(post(client, path, body, **{"A2A-Version": "0.3"}), rpc=False)


@pytest.mark.parametrize("version", ["", "0.3", "2.0", "one", "1.0; DROP", "1" * 5000])
def test_another_version_is_refused_by_name(client, version):
    headers = {"A2A-Version": version}
    error = check(post(client, "/a2a/v1", call("SendMessage", {"message": sent()}), **headers), rpc=True)
    assert error["code"] == -32009
    for path in ("/a2a/v1/message:send", "/a2a/v1/message:stream"):
        error = check(post(client, path, {"message": sent()}, **headers), rpc=False)
        assert error["details"][0]["reason"] == "VERSION_NOT_SUPPORTED"


def test_another_content_type_is_refused_where_it_cannot_be_json(client):
    body = call("SendMessage", {"message": sent()})
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert check(post(client, "/a2a/v1", body, **{"Content-Type": kind}), rpc=True)["code"] == -32005
    for kind in ("application/json; charset=utf-16", "application/a2a+json"):
        assert "result" in post(client, "/a2a/v1", body, **{"Content-Type": kind}).json()


def test_a_body_that_is_too_large_is_refused_as_at_every_other_door(client):
    for path in ("/a2a/v1", "/a2a/v1/message:send", "/a2a/v1/message:stream", "/a2a/v0.3"):
        answer = post(client, path, b" " * 1_000_001)
        assert (answer.status_code, answer.json()["error"]) == (413, "The body is larger than 1000000 bytes")


@pytest.mark.parametrize("many", [[1], [{}], [[[[[[[[1]]]]]]]]], ids=str)
def test_a_body_of_too_many_values_is_refused_before_it_takes_long(client, many):
    asked = {"message": sent(parts=[{"data": many * 6_000}], metadata={"all": many * 6_000})}
    parts = {"message": sent(parts=[{}] * 100_000)}
    began = time.process_time()
    for body in (asked, parts):
        for path in ("/a2a/v1", "/a2a/v0.3"):
            error = check(post(client, path, call("SendMessage", body)), rpc=True)
            assert f"more than {MOST_VALUES} values" in error["message"]
        for path in ("/a2a/v1/message:send", "/a2a/v1/message:stream", "/a2a/v0.3/v1/message:send"):
            check(post(client, path, body), rpc=False)
    assert time.process_time() - began < 5


def test_of_a_key_that_is_there_twice_the_last_counts_or_none(client):
    body = b'{"jsonrpc": "2.0", "id": 1, "id": 2, "method": "X", "method": "GetTask", "params": {"id": "x"}}'
    answer = post(client, "/a2a/v1", body)
    assert (check(answer, rpc=True)["code"], answer.json()["id"]) == (-32001, 2)
    check(post(client, "/a2a/v1/message:send", b'{"message": 1, "message": 2}'), rpc=False)


class Broken:
    """A handler of which each method fails, and says why."""

    def __getattr__(self, name):
        async def fail(*_):
            raise RuntimeError(SECRET)

        async def fail_later(*_):
            yield Task(id="t", context_id="c", status=TaskStatus(state=TaskState.TASK_STATE_WORKING))
            raise RuntimeError(SECRET)

        return fail_later if name in {"on_message_send_stream", "on_subscribe_to_task"} else fail


@pytest.fixture(scope="module")
def broken():
    known = Middleware(KnownCallers, callers=Callers(anonymous=LOCAL))
    app = Starlette(routes=protocol_routes(Broken()), middleware=[known])
    with TestClient(app, base_url="http://localhost") as client:
        yield client


def test_of_a_bug_callers_are_told_nothing_but_where_the_log_has_it(broken, caplog):
    asked, was_asked = {"message": sent()}, {"message": old()}
    old_version = {"A2A-Version": "0.3"}
    answers = [
        post(broken, "/a2a/v1", call("SendMessage", asked)),
        post(broken, "/a2a/v1", call("SendStreamingMessage", asked)),
        post(broken, "/a2a/v1", call("SubscribeToTask", {"id": "x"})),
        post(broken, "/a2a/v1/message:send", asked),
        post(broken, "/a2a/v1/message:stream", asked),
        broken.get("/a2a/v1/tasks/x:subscribe", headers=VERSION),
        post(broken, "/a2a/v0.3", call("message/send", was_asked), **old_version),
        post(broken, "/a2a/v0.3", call("message/stream", was_asked), **old_version),
        post(broken, "/a2a/v0.3/v1/message:send", {"message": oldest()}, **old_version),
    ]
    for answer in answers:
        assert SECRET not in answer.text
        (request_id,) = re.findall(r'"request_id": ?"(\w{32})"', said(answer))
        assert any(getattr(record, "request_id", None) == request_id for record in caplog.records)
    for method, path in PATHS.values():
        assert SECRET not in broken.request(method, f"/a2a/v1{path}", headers=VERSION).text
