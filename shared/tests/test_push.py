"""The push endpoint: errors become Pub/Sub's answers, and nothing is acknowledged that is not safe."""

import base64

import pytest
from builders import pushed
from fakes.pubsub import FakePublisher
from flask import Flask

from devnexus.codec import encode
from devnexus.errors import Rejected, Unavailable
from devnexus.events import CommitPushed
from devnexus.parking import PARK_ID, PARK_REASON
from devnexus.push import handles, push_endpoint
from devnexus.topology import load_topology

PUSH = pushed("a", "b")
DATA, ATTRIBUTES = encode(PUSH, source="/test")


class World:
    """A service with one handler that does as it is told."""

    def __init__(self):
        self.error = None
        self.handled = []
        self.broker = FakePublisher()
        app = Flask(__name__)
        app.register_blueprint(
            push_endpoint([handles(CommitPushed, self._handle)], topology=load_topology(), sender=self.broker)
        )
        self._client = app.test_client()

    def _handle(self, event):
        if self.error:
            raise self.error
        self.handled.append(event)

    def deliver(self, data=None, attributes=None, subscription="projects/p/subscriptions/extractor-commits"):
        envelope = {
            "message": {
                "data": base64.b64encode(DATA if data is None else data).decode(),
                "attributes": ATTRIBUTES if attributes is None else attributes,
                "messageId": "7",
                "publishTime": "2026-01-01T00:00:00Z",
            },
            "subscription": subscription,
            "deliveryAttempt": 1,
        }
        return self._client.post("/events", json=envelope).status_code

    def post(self, body):
        return self.post_as(body, "application/json")

    def post_as(self, body, kind):
        return self._client.post("/events", data=body, content_type=kind).status_code


@pytest.fixture
def world():
    return World()


def test_an_event_that_was_handled_is_acknowledged(world):
    assert world.deliver() == 204
    assert world.handled == [PUSH]


def test_what_is_unavailable_now_comes_again(world):
    world.error = Unavailable("not now")
    assert world.deliver() == 503
    assert world.broker.sent == []


def test_a_bug_comes_again_and_is_not_parked(world):
    world.error = RuntimeError("a bug")
    assert world.deliver() == 500
    assert world.broker.sent == []


@pytest.mark.parametrize("by_handler", [False, True], ids=["unreadable", "rejected"])
def test_what_can_never_be_handled_is_parked_as_it_came_and_then_acknowledged(world, by_handler):
    data = DATA
    if by_handler:
        world.error = Rejected("never")
        assert world.deliver() == 204
    else:
        data = b"{"
        assert world.deliver(data=data) == 204
    ((topic, parked_data, parked),) = world.broker.sent
    assert (topic, parked_data) == ("extractor-commits-dead", data)
    assert parked[PARK_REASON] and parked[PARK_ID]
    assert ATTRIBUTES.items() <= parked.items()


def test_what_could_not_be_parked_comes_again(world):
    world.broker.out_of_order = True
    assert world.deliver(data=b"{") == 503


def test_the_same_message_is_parked_under_the_same_id(world):
    world.deliver(data=b"{")
    world.deliver(data=b"{")
    world.deliver(data=b"[")
    ids = [attributes[PARK_ID] for _, _, attributes in world.broker.sent]
    assert ids[0] == ids[1] != ids[2]


def test_a_type_that_is_not_handled_here_may_be_after_the_next_deployment(world):
    assert world.deliver(DATA, {**ATTRIBUTES, "ce-type": "commit.pushed.v2"}) == 503
    assert world.broker.sent == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[1]",
        b'{"message": {"messageId": "1", "data": "%%"}}',
        '{"message": {"messageId": "1", "data": "é"}, "subscription": "x"}'.encode(),
    ],
)
def test_what_is_no_envelope_is_refused(world, body):
    assert world.post(body) == 400


def test_an_envelope_of_an_unknown_subscription_is_refused(world):
    assert world.deliver(subscription="projects/p/subscriptions/strangers") == 400


def test_a_page_in_somebodys_browser_cannot_send_events(world):
    assert world.post_as(b"{}", "text/plain") == 415
