"""One call, one caller, three doors: `/a2a/execute`, JSON-RPC and HTTP+JSON say the same of it."""

import itertools
import json
import secrets
from functools import partial

import pytest
from fakes.issuer import AUDIENCE, Certificates, token
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.middleware import Middleware

from a2a_gateway.answer import CannotAnswer
from a2a_gateway.described.json_schema import input_schema
from a2a_gateway.entrance import entrance
from a2a_gateway.limits import WholeBodies
from a2a_gateway.protocol.selection import EXTENSION
from a2a_gateway.registry import load_skills
from a2a_gateway.settings import Settings
from a2a_gateway.traced import Traced
from devnexus.identity.google_keys import fetch_google_keys
from devnexus.outbound import Outbound
from devnexus.settings import read_settings

SKILLS = load_skills()
KEYS = {name: secrets.token_hex(16) for name in ("dashboard", "deployer", "stranger")}
DEPLOYED = {
    "KNOWLEDGE": "/k.git",
    "GOOGLE_CLOUD_PROJECT": "p",
    "DATABASE_URL": "sqlite:////state.db",
    "HOST": "0.0.0.0",
    "PUBLIC_URL": AUDIENCE,
    "READERS": "example.com, dashboard",
    "ALLOWED_SERVICE_ACCOUNTS": "ana@example.com, deployer",
    "API_KEYS": "\n".join(f"{name}={key}" for name, key in KEYS.items()),
    "ANONYMOUS_READS": "true",
    "REQUESTS_PER_MINUTE": "1000000",
}
COME_IN = {
    "a writer": {"Authorization": f"Bearer {token()}"},
    "a key that writes": {"X-API-Key": KEYS["deployer"]},
    "a reader": {"Authorization": f"Bearer {token('zoe@example.com')}"},
    "a key that reads": {"X-API-Key": KEYS["dashboard"]},
    "anybody": {},
}
STAY_OUT = {
    "nobody": {},
    "a wrong token": {"Authorization": "Bearer garbage"},
    "an expired token": {"Authorization": f"Bearer {token(exp=1)}"},
    "a wrong key": {"X-API-Key": "0" * 32},
    "a key that is not listed": {"X-API-Key": KEYS["stranger"]},
    "somebody who is not listed": {"Authorization": f"Bearer {token('eve@evil.example')}"},
    "two credentials": {"Authorization": f"Bearer {token()}", "X-API-Key": KEYS["deployer"]},
}
SETTINGS = settings(
    deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck), max_examples=20
)
MOMENT = {"timestamp", "execution_time_ms", "latency_ms", "since_date"}
"""What differs from one moment to the next."""

VERSION = {"A2A-Version": "1.0"}
NUMBERS = itertools.count()

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_scalar = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _text
    | st.sampled_from(["acme/api", "acme/billing", "retry", "redis-caching", "2026-03-01T12:00:00Z", "a\0b"])
)
_json = st.recursive(
    _scalar,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=6,
)


def inputs(skill):
    """What callers give this skill: its example, something like it, and something else."""
    example = skill.example_given()
    names = sorted(input_schema(skill.input)["properties"])
    changed = st.dictionaries(st.sampled_from([*names, "no_such_field"]), _json, max_size=2)
    kept = st.sets(st.sampled_from(sorted(example))) if example else st.just(set())
    mutated = st.builds(
        lambda kept, changed: {**{name: example[name] for name in kept}, **changed}, kept, changed
    )
    like_it = st.builds(lambda changed: {**example, **changed}, changed)
    return st.one_of(st.just(example), like_it, mutated, _json)


def by_extension(skill_id, given):
    return {"metadata": {EXTENSION: {"skillId": skill_id}}, "parts": [{"data": given}]}


def by_metadata(skill_id, given):
    return {"metadata": {"skillId": skill_id}, "parts": [{"text": "Please:"}, {"data": given}]}


def by_call(skill_id, given):
    return {"parts": [{"data": {"skill_name": skill_id, "input_data": given}}]}


def by_text(skill_id, given):
    return {"parts": [{"text": json.dumps({"skill_id": skill_id, "input": given})}]}


NAMINGS = (by_extension, by_metadata, by_call, by_text)


@pytest.fixture
def deploy(make_told_world):
    """The whole gateway, with all that stands in front of it, by these settings."""
    with Certificates("a") as google:

        def make(**changes):
            environment = {**DEPLOYED, **changes}
            fetch = partial(fetch_google_keys, Outbound(allow_private=True, seconds=2), google.address)
            let_in = entrance(read_settings(Settings, environment), environment, fetch=fetch)
            return make_told_world(in_front=[Middleware(Traced), *let_in, Middleware(WholeBodies)])

        yield make


def execute(world, skill_id, given, headers):
    return world.client.post("/a2a/execute", json={"skill_id": skill_id, "input": given}, headers=headers)


def rpc(world, message, headers):
    asked = {"jsonrpc": "2.0", "id": 1, "method": "SendMessage", "params": {"message": message}}
    return world.client.post("/a2a/v1", json=asked, headers={**VERSION, **headers})


def rest(world, message, headers):
    url = "/a2a/v1/message:send"
    return world.client.post(url, json={"message": message}, headers={**VERSION, **headers})


def message(skill_id, given, naming=by_metadata):
    return {"messageId": f"m-{next(NUMBERS)}", "role": "ROLE_USER", **naming(skill_id, given)}


def lasting(content):
    """What is the same whenever it is asked."""
    if isinstance(content, dict):
        return {name: lasting(value) for name, value in content.items() if name not in MOMENT}
    return [lasting(one) for one in content] if isinstance(content, list) else content


def told(task):
    """The body that a task ends with, and whether the skill refused."""
    if task["status"]["state"] == "TASK_STATE_COMPLETED":
        (artifact,) = task["artifacts"]
        (answer,) = artifact["parts"]
        return lasting(answer["data"]), False
    words, body = task["status"]["message"]["parts"]
    assert (task["status"]["state"], words["text"]) == ("TASK_STATE_FAILED", body["data"]["error"])
    return lasting(body["data"]), True


def is_wrong(skill, given):
    try:
        skill.read(given)
    except CannotAnswer:
        return True
    return False


def check_not_allowed(plain, over_rpc, over_rest):
    """HTTP says it in each case, and so does a body of the protocol."""
    status, body = plain.status_code, plain.json()
    assert over_rpc.status_code == over_rest.status_code == status
    challenge = plain.headers.get("WWW-Authenticate")
    assert over_rpc.headers.get("WWW-Authenticate") == over_rest.headers.get("WWW-Authenticate") == challenge
    codes = {401: (-32050, "UNAUTHENTICATED"), 403: (-32051, "PERMISSION_DENIED")}[status]
    error, problem = over_rpc.json()["error"], over_rest.json()["error"]
    assert (error["code"], problem["status"], problem["code"]) == (*codes, status)
    assert error["message"] == problem["message"] == body.get("message", body["error"])


def check_wrong_input(plain, over_rpc, over_rest):
    """Said by field, before there is a task."""
    assert (plain.status_code, over_rpc.status_code, over_rest.status_code) == (400, 200, 400)
    error, problem = over_rpc.json()["error"], over_rest.json()["error"]
    assert (error["code"], problem["status"]) == (-32602, "INVALID_ARGUMENT")
    assert error["message"] == problem["message"] == plain.json()["error"]
    assert error["data"] == problem["details"]
    assert all(one["field"].startswith("input") for one in error["data"][1]["fieldViolations"])


def check_answered(plain, over_rpc, over_rest):
    """By the very same body, whether the skill could answer or not."""
    assert over_rpc.status_code == over_rest.status_code == 200, over_rpc.text + over_rest.text
    expected = (lasting(plain.json()), plain.status_code != 200)
    assert told(over_rpc.json()["result"]["task"]) == expected
    assert told(over_rest.json()["task"]) == expected


@pytest.mark.parametrize("skill", SKILLS.values(), ids=lambda skill: skill.id)
def test_the_same_call_of_the_same_caller_is_answered_alike_at_every_door(deploy, skill):
    world = deploy()
    who = st.sampled_from(
        [*COME_IN, *(["a writer", "a key that writes"] * 2 if skill.is_for_writers else ())]
    )

    @SETTINGS
    @given(who, inputs(skill), st.sampled_from(NAMINGS))
    def alike(who, given, naming):
        headers = {**COME_IN[who], "Idempotency-Key": f"key-{next(NUMBERS)}"}
        execute(world, skill.id, given, headers)  # what it changes has changed, for all three
        plain = execute(world, skill.id, given, headers)
        asked = message(skill.id, given, naming)
        others = rpc(world, asked, headers), rest(world, asked, headers)
        if plain.status_code in {401, 403}:
            check_not_allowed(plain, *others)
        elif is_wrong(skill, given):
            check_wrong_input(plain, *others)
        else:
            check_answered(plain, *others)

    with world.client:
        alike()


def test_who_does_not_belong_is_turned_away_alike_at_every_door(deploy):
    world = deploy(ANONYMOUS_READS="")
    for skill, (who, headers) in itertools.product(SKILLS.values(), STAY_OUT.items()):
        given = skill.example_given()
        plain = execute(world, skill.id, given, headers)
        assert plain.status_code in {401, 403}, who
        for ask in (rpc, rest):
            answer = ask(world, message(skill.id, given), headers)
            assert (answer.status_code, lasting(answer.json())) == (plain.status_code, lasting(plain.json()))
            assert answer.headers.get("WWW-Authenticate") == plain.headers.get("WWW-Authenticate")


def test_a_skill_that_there_is_none_of_is_unknown_at_every_door(deploy):
    world = deploy()
    plain = execute(world, "no_such_skill", {}, {})
    over_rpc, over_rest = (ask(world, message("no_such_skill", {}), {}) for ask in (rpc, rest))
    assert (plain.status_code, over_rpc.json()["error"]["code"], over_rest.status_code) == (404, -32602, 400)
    for error in (over_rpc.json()["error"], over_rest.json()["error"]):
        assert plain.json()["error"] in error["message"]
        assert all(skill in error["message"] for skill in SKILLS)


def test_a_message_that_is_sent_again_by_another_door_is_recorded_once(deploy):
    world, headers = deploy(), COME_IN["a writer"]
    asked = message("add_repository", {"repository": "acme/new"})
    over_rpc, over_rest = (ask(world, asked, headers).json() for ask in (rpc, rest))
    as_before = {**headers, "Idempotency-Key": f"a2a:{asked['messageId']}"}
    plain = execute(world, "add_repository", {"repository": "acme/new"}, as_before).json()
    bodies = [told(over_rpc["result"]["task"])[0], told(over_rest["task"])[0], plain]
    assert len({body["event_id"] for body in bodies}) == 1


def test_a_task_is_nobody_elses_and_not_even_there_for_others(deploy):
    world = deploy()
    parked = {"messageId": "m-parked", "role": "ROLE_USER", "parts": [{"text": "hello"}]}

    def ask(method, params, headers):
        asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return world.client.post("/a2a/v1", json=asked, headers={**VERSION, **headers}).json()

    def get(path, headers, method="GET"):
        return world.client.request(method, f"/a2a/v1{path}", headers={**VERSION, **headers})

    with world.client:
        task = ask("SendMessage", {"message": parked}, COME_IN["a reader"])["result"]["task"]
        id_, of = task["id"], {"contextId": task["contextId"]}
        for who in ("a writer", "a key that reads", "anybody"):
            headers = COME_IN[who]
            for method in ("GetTask", "CancelTask", "SubscribeToTask", "ListTaskPushNotificationConfigs"):
                params = {"taskId": id_} if method.startswith("List") else {"id": id_}
                assert ask(method, params, headers)["error"]["code"] == -32001, (who, method)
            went_on = {**parked, "messageId": "m-theirs", "taskId": id_}
            assert ask("SendMessage", {"message": went_on}, headers)["error"]["code"] == -32001, who
            assert ask("ListTasks", of, headers)["result"]["tasks"] == []
            for path, method in ((f"/tasks/{id_}", "GET"), (f"/tasks/{id_}:cancel", "POST")):
                assert get(path, headers, method).json() == get("/tasks/none", headers).json()
        mine = ask("ListTasks", of, COME_IN["a reader"])["result"]["tasks"]
        assert [one["id"] for one in mine] == [id_]


@pytest.mark.parametrize("method", ["message/send", "message/stream"])
def test_who_may_not_write_is_told_so_by_http_in_the_old_version_as_well(deploy, method):
    data = {"kind": "data", "data": {"skill": "add_repository", "input": {"repository": "acme/new"}}}
    asked = {"kind": "message", "messageId": "m", "role": "user", "parts": [data]}
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"message": asked}}
    answer = deploy().client.post("/a2a/v0.3", json=body)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "add_repository is for callers who say who they are" in answer.json()["error"]["message"]
