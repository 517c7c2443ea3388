"""Those who asked to be told of tasks: real servers on this machine that take it, fail, hang, lead astray."""

import asyncio
import json
import logging
import threading
import time

import pytest
from a2a.server.context import ServerCallContext
from a2a.server.tasks import InMemoryPushNotificationConfigStore
from a2a.types.a2a_pb2 import (
    Artifact,
    AuthenticationInfo,
    Part,
    Task,
    TaskArtifactUpdateEvent,
    TaskPushNotificationConfig,
    TaskState,
    TaskStatus,
    TaskStatusUpdateEvent,
)
from a2a.utils.errors import InvalidParamsError
from a2a.utils.proto_utils import to_stream_response
from fakes.webhook_target import WebhookTarget

from a2a_gateway.protocol.caller_context import Asker
from a2a_gateway.protocol.push import PushSender, url_is_allowed
from a2a_gateway.protocol.push_backlog import Backlog
from a2a_gateway.protocol.push_config import MOST_CONFIGS, checked
from a2a_gateway.protocol.push_line import Line, Notification, Outcome
from a2a_gateway.protocol.push_post import Post, Refusal

NOBODY = ServerCallContext()
WORKING, DONE = TaskState.TASK_STATE_WORKING, TaskState.TASK_STATE_COMPLETED


def status(state, **metadata):
    return TaskStatusUpdateEvent(
        task_id="t", context_id="c", status=TaskStatus(state=state), metadata=metadata or None
    )


def config(url, **more):
    return TaskPushNotificationConfig(url=url, **more)


def steps_of(target):
    """What was told: the state, or which of the other things."""
    told = [json.loads(one.body) for one in target.received]
    return [one.get("statusUpdate", {}).get("status", {}).get("state") or next(iter(one)) for one in told]


async def until(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        await asyncio.sleep(0.01)


def telling(configs, scenario, *, post=None):
    """Run a scenario with a sender that may tell this machine, and the configurations of task `t`."""

    async def run():
        store = InMemoryPushNotificationConfigStore()
        for one in configs:
            await store.set_info("t", one, NOBODY)
        sender = PushSender(store, post=post or Post(allow_private=True))
        await scenario(sender, store)
        await sender.close()

    asyncio.run(run())


def test_everything_that_happens_is_told_in_order_in_the_protocols_words():
    task = Task(id="t", context_id="c", status=TaskStatus(state=TaskState.TASK_STATE_SUBMITTED))
    artifact = Artifact(artifact_id="a", parts=[Part(text="grün")])
    events = [task, status(WORKING), TaskArtifactUpdateEvent(task_id="t", artifact=artifact), status(DONE)]
    secrets = AuthenticationInfo(scheme="Bearer", credentials="let-me-in")

    async def scenario(sender, _):
        for event in events:
            await sender.send_notification("t", event)
        task.status.state = DONE  # the SDK goes on with the object that it gave us
        await until(lambda: len(target.received) == 4)

    with WebhookTarget() as target:
        telling([config(f"{target.url}?k=v", token="tok", authentication=secrets)], scenario)
    assert steps_of(target) == ["task", "TASK_STATE_WORKING", "artifactUpdate", "TASK_STATE_COMPLETED"]
    first, *_, artifact_told, _ = [json.loads(one.body) for one in target.received]
    assert first["task"]["status"]["state"] == "TASK_STATE_SUBMITTED"
    assert artifact_told["artifactUpdate"]["artifact"]["parts"] == [{"text": "grün"}]
    headers = target.received[0].headers
    assert (headers["Content-Type"], headers["Authorization"]) == ("application/a2a+json", "Bearer let-me-in")
    assert headers["X-A2A-Notification-Token"] == "tok"


def test_what_fails_is_told_again_before_what_happened_later(caplog):
    secrets = AuthenticationInfo(scheme="Basic", credentials="c2VjcmV0")

    async def scenario(sender, _):
        await sender.send_notification("t", status(WORKING))
        await sender.send_notification("t", status(DONE))
        await until(lambda: len(target.received) == 4)

    caplog.set_level(logging.DEBUG)
    with WebhookTarget(0, (429, {"Retry-After": "2"}, b"come back"), 204) as target:
        hidden = config(f"{target.url}?key=hidden", token="hidden-token", authentication=secrets)
        telling([hidden], scenario)
    assert steps_of(target) == ["TASK_STATE_WORKING"] * 3 + ["TASK_STATE_COMPLETED"]
    first, second, third, _ = [one.at for one in target.received]
    assert 0.7 < second - first < 1.7
    assert third - second >= 2.0
    attempts = [one for one in caplog.records if one.getMessage() == "notification attempted"]
    assert [one.outcome for one in attempts] == ["postponed", "postponed", "delivered", "delivered"]
    logged = " ".join(str(vars(one)) for one in caplog.records)
    assert not {word for word in ("hidden", "c2VjcmV0", "come back") if word in logged}


@pytest.mark.parametrize("status_code", [302, 307, 400, 401, 404, 410])
def test_a_refusal_that_will_not_pass_is_taken_for_one_and_no_redirect_is_followed(status_code):
    async def scenario(sender, _):
        await sender.send_notification("t", status(WORKING))
        await sender.send_notification("t", status(DONE))
        await until(lambda: len(target.received) == 2)

    with (
        WebhookTarget() as elsewhere,
        WebhookTarget((status_code, {"Location": elsewhere.url})) as target,
    ):
        telling([config(target.url)], scenario)
    assert steps_of(target) == ["TASK_STATE_WORKING", "TASK_STATE_COMPLETED"]
    assert elsewhere.received == []


def test_one_who_does_not_answer_holds_up_neither_the_task_nor_others_nor_the_end(caplog):
    released = threading.Event()

    async def scenario(sender, _):
        began = time.monotonic()
        await sender.send_notification("t", status(WORKING))
        await sender.send_notification("t", status(DONE))
        assert time.monotonic() - began < 0.2
        await until(lambda: len(quick.received) == 2)

    with WebhookTarget() as stuck, WebhookTarget() as quick:
        stuck.before_answer = released.wait
        began = time.monotonic()
        telling([config(stuck.url, id="a"), config(quick.url, id="b")], scenario)
        assert time.monotonic() - began < 4
        released.set()
    (lost,) = [one for one in caplog.records if "process ends" in one.getMessage()]
    assert (lost.task_id, lost.notifications) == ("t", 2)


def test_at_the_end_nothing_is_waited_for_that_is_to_be_told_again_later(caplog):
    async def scenario(sender, _):
        await sender.send_notification("t", status(DONE))
        await until(lambda: any(one.getMessage() == "notification attempted" for one in caplog.records))

    with WebhookTarget((503, {"Retry-After": "30"})) as target:
        began = time.monotonic()
        telling([config(target.url)], scenario)
    assert time.monotonic() - began < 1.5
    assert [one.notifications for one in caplog.records if "process ends" in one.getMessage()] == [1]


def test_who_is_taken_off_the_list_hears_nothing_more_and_new_words_hold_at_once():
    async def scenario(sender, store):
        await sender.send_notification("t", status(DONE))
        await until(lambda: len(gone.received) == len(renewed.received) == 1)
        await store.delete_info("t", NOBODY, "gone")
        await store.set_info("t", config(renewed.url, id="renewed", token="new"), NOBODY)
        await until(lambda: len(renewed.received) == 2)
        await asyncio.sleep(0.6)  # the latest moment at which the other would have been told again

    with WebhookTarget(503) as gone, WebhookTarget(503) as renewed:
        telling([config(gone.url, id="gone"), config(renewed.url, id="renewed", token="old")], scenario)
        assert len(gone.received) == 1
    assert [one.headers["X-A2A-Notification-Token"] for one in renewed.received] == ["old", "new"]


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"],
        ["::1"],
        ["169.254.169.254"],
        ["::ffff:127.0.0.1"],
        ["10.0.0.7"],
        ["8.8.8.8", "127.0.0.1"],
    ],
)
def test_a_name_that_leads_inside_is_not_connected_to_and_not_asked_again(found, caplog):
    caplog.set_level(logging.INFO)
    asked = []

    async def scenario(sender, _):
        await sender.send_notification("t", status(DONE))
        await until(lambda: any(one.getMessage() == "notification attempted" for one in caplog.records))

    post = Post(resolve=lambda host, port: asked.append(host) or found)
    telling([config("https://hooks.example.org/x")], scenario, post=post)
    assert asked == ["hooks.example.org"]
    (attempt,) = [one for one in caplog.records if one.getMessage() == "notification attempted"]
    assert (attempt.outcome, attempt.reason) == (
        "given-up",
        "hooks.example.org is not at a public address",
    )


def test_a_name_that_led_outside_when_it_was_accepted_is_looked_at_again():
    with WebhookTarget() as inside:
        url = f"https://rebinding.example.org:{inside.port}/hook"
        assert asyncio.run(url_is_allowed(url))
        refusal = Post(resolve=lambda host, port: ["127.0.0.1"])(config(url), some_body())
    assert not refusal.may_pass
    assert inside.received == []


def some_body():
    return Line(config(""), Asker(), waiting=[happened(status(DONE))]).first()()


def happened(event, at=0.0):
    return Notification(to_stream_response(event), at)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "nonsense",
            "http://example.org/hook",
            "ftp://example.org/x",
            "https://",
            "https://[::1",
            "//x.org",
        ),
        *("https://u:p@example.org/", "https://example.org:99999/", "https://example.org/\r\nX: y"),
        *("https://localhost/", "https://localhost.:8443/", "https://a.localhost/", "https://printer.local/"),
        *("https://metadata.google.internal/", "https://intranet/", "https://1.0.0.127.in-addr.arpa/"),
        *("https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f.0.0.1/"),
        *("https://0x7f000001/", "https://169.254.169.254/latest", "https://10.0.0.1/", "https://0.0.0.0/"),
        *(
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://[fd00::1]/",
        ),
        *(
            "https://[fe80::1%25eth0]/",
            "https://[64:ff9b::7f00:1]/",
            "https://192.168.1.1/",
            "https://\u2460.org/",
        ),
    ],
)
def test_an_address_that_cannot_be_a_public_one_is_refused_when_it_is_named(url):
    assert asyncio.run(url_is_allowed(url)) is False


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/hook",
        "https://hooks.example.org:8443/a?b=c",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]/",
    ],
)
def test_a_public_address_may_be_named(url):
    assert asyncio.run(url_is_allowed(url))


BEARER = AuthenticationInfo(scheme="bearer", credentials="x")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"token": "a\r\nX-Evil: 1"}, "token"),
        ({"token": "a "}, "token"),
        ({"token": "ü"}, "token"),
        ({"token": "x" * 2001}, "token"),
        ({"id": "x" * 201}, "id"),
        ({"id": "a\nb"}, "id"),
        ({"url": "https://example.org/" + "x" * 2000}, "url"),
        ({"authentication": AuthenticationInfo(scheme="Digest", credentials="x")}, "authentication.scheme"),
        ({"authentication": AuthenticationInfo(credentials="x")}, "authentication.scheme"),
        ({"authentication": AuthenticationInfo(scheme="Bearer\n", credentials="x")}, "authentication.scheme"),
        ({"authentication": AuthenticationInfo(scheme="Bearer")}, "authentication.credentials"),
        (
            {"authentication": AuthenticationInfo(scheme="Bearer", credentials="x\r\nY: z")},
            "authentication.credentials",
        ),
    ],
)
def test_what_would_not_be_a_header_or_is_too_long_is_refused_by_field(wrong, field):
    with pytest.raises(InvalidParamsError) as refused:
        checked(config(**{"url": "https://example.org/", **wrong}), within="in.")
    assert [one["field"] for one in refused.value.data["errors"]] == [f"in.{field}"]
    checked(config("https://example.org/", token="so that I know", authentication=BEARER))


def test_a_task_has_so_many_receivers_and_no_more():
    full = [config("https://example.org/", id=str(number)) for number in range(MOST_CONFIGS)]
    with pytest.raises(InvalidParamsError, match=f"at most {MOST_CONFIGS}"):
        checked(config("https://example.org/", id="another"), full)
    checked(config("https://example.org/new", id="3"), full)


def line(*events):
    one = Line(config("https://example.org/"), Asker("ana"))
    for event in events:
        one.add(happened(event))
    return one


def test_progress_that_a_slow_receiver_has_not_heard_of_becomes_one_and_the_end_stays_last():
    progress = [status(WORKING)] * 3 + [status(WORKING, event_id="e")] + [status(WORKING)] * 50
    told = [waiting.told.status_update for waiting in line(*progress, status(DONE)).waiting]
    assert [update.status.state for update in told] == [WORKING] * 4 + [DONE]
    assert told[3].metadata["event_id"] == "e"  # what was once said holds


def test_what_fails_is_attempted_ever_less_often_and_no_more_after_five_minutes():
    one, now, attempts = line(status(WORKING), status(DONE)), 0.0, 0
    while len(one.waiting) == 2:
        attempts += 1
        if one.settle(Refusal("it answered 503", may_pass=True), now) is Outcome.POSTPONED:
            assert 0.8 <= one.quiet_until - now <= 72
            now = one.quiet_until
    assert 200 < now <= 300
    assert 8 <= attempts <= 12
    assert not one.rests(now)  # the end of the task is told once at least
    one.settle(None, now)
    assert not one.waiting


def test_who_wants_to_be_left_alone_for_longer_is():
    one = line(status(WORKING), status(DONE))
    assert one.settle(Refusal("429", may_pass=True, retry_after=3600), 1.0) is Outcome.GIVEN_UP
    assert not one.waiting


def test_one_caller_fills_neither_the_backlog_nor_the_threads():
    backlog = Backlog()
    for number in range(200):
        lined_up = Line(config(""), Asker("greedy"))
        assert backlog.has_room_for(happened(status(WORKING)), lined_up)
        lined_up.add(happened(status(WORKING)))
        backlog.open(("t", str(number)), lined_up)
    assert not backlog.has_room_for(happened(status(DONE)), Line(config(""), Asker("greedy")))
    assert backlog.has_room_for(happened(status(DONE)), lined_up)  # after what waits for it
    assert backlog.has_room_for(happened(status(WORKING)), Line(config(""), Asker("ana")))

    async def turns():
        in_turn = []

        async def take(caller):
            async with backlog.turn(caller):
                in_turn.append(caller)
                await asyncio.sleep(0.05)

        greedy = [asyncio.create_task(take("greedy")) for _ in range(50)]
        await asyncio.sleep(0)
        await take("ana")
        for task in greedy:
            task.cancel()
        return in_turn

    assert asyncio.run(turns()).index("ana") <= 3
