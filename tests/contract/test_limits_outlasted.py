"""GitHub wants us to wait for hours: nothing is lost, nothing is parked, and GitHub is left alone.

The real topology on the embedded Pub/Sub, whose clock is turned by hand, half a minute at a time.
"""

import json
import threading
import time
import uuid
from io import BytesIO
from itertools import pairwise

import pytest
from builders import NOON, pushed, repository, sha
from flask import Flask
from google.cloud.pubsub_v1 import SubscriberClient
from werkzeug.serving import make_server

from devnexus.errors import Unavailable
from devnexus.events import CommitPushed, SnapshotRequested
from devnexus.events.patterns_extracted import Commit
from devnexus.provision import provision
from devnexus.pubsub import PubSubPublisher
from devnexus.push import handles, push_endpoint
from devnexus.topology import RETRY_SECONDS, load_topology
from devnexus_cli.embedded_pubsub.server import EmbeddedPubSub
from extractor.change import Change, Tree
from extractor.extract import on_commit_pushed, on_snapshot_requested
from extractor.reading import Reader
from extractor.resting_source import RestingSource
from extractor.rule_set import load_rules

THREE_HOURS = 3 * 3600.0
STEP = 30.0
EACH = 15
TOPOLOGY = load_topology()
SUBSCRIPTIONS = ("extractor-commits", "extractor-bulk")
COMMIT = Commit(sha=sha("b"), author="Ada", message="change")


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class LimitedSource:
    """A GitHub that refuses for three hours, and says for how long, an hour at most, or does not say."""

    def __init__(self, clock, *, says_how_long):
        self._clock = clock
        self._says = says_how_long
        self._until = clock() + THREE_HOURS
        self.refused = 0

    def change(self, repository, *, before, after):
        self._refuse()
        return Change(True, (COMMIT,), 1, ())

    def tree(self, repository, *, sha):
        self._refuse()
        return Tree(sha, NOON, COMMIT, ())

    def contents(self, repository, object_ids, *, at, max_bytes):
        return [None for _ in object_ids]

    def root_files(self, repository, *, sha, names):
        return {}

    def _refuse(self):
        left = self._until - self._clock()
        if left > 0:
            self.refused += 1
            raise Unavailable("limit", retry_after_seconds=min(left, 3600.0) if self._says else None)


class World:
    """An extractor that is pushed to, and how many times each message came."""

    def __init__(self, source, clock, server, monkeypatch):
        self.clock, self.server = clock, server
        self.project = f"limits-{uuid.uuid4().hex[:8]}"
        self.attempts = {}
        self._in_hand = 0
        self._lock = threading.Lock()
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", server.endpoint)
        self.publisher = PubSubPublisher(project=self.project, source="/test")
        app = Flask(__name__)
        reader = Reader(load_rules())
        tools = {"source": source, "reader": reader, "publisher": self.publisher}
        handlers = [
            handles(CommitPushed, lambda event: on_commit_pushed(event, **tools)),
            handles(SnapshotRequested, lambda event: on_snapshot_requested(event, **tools)),
        ]
        app.register_blueprint(push_endpoint(handlers, topology=TOPOLOGY, sender=self.publisher))
        self._wsgi = app.wsgi_app
        app.wsgi_app = self._counted
        self._http = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{self._http.server_port}"
        nobody = {one.push: url for one in TOPOLOGY.subscriptions if one.push}
        provision(TOPOLOGY, project=self.project, services=nobody)

    def close(self):
        self._http.shutdown()
        self._http.server_close()
        self.publisher.close()

    def turn(self, seconds):
        """Let so much time pass, in steps, at the end of each of which nothing is in hand."""
        until = self.clock.now + seconds
        while self.clock.now < until:
            self.clock.now += STEP
            self.server.broker.advance()
            quiet = 0
            while quiet < 2:
                time.sleep(0.002)
                quiet = 0 if self._in_hand else quiet + 1

    def wait_for_records(self, count, seconds=10):
        """Until so many wait for the writer, while the clock stands: a busy machine delivers late."""
        until = time.monotonic() + seconds
        while self.waiting("kb-writer") < count and time.monotonic() < until:
            time.sleep(0.01)

    def waiting(self, subscription):
        return self.server.broker.undelivered(f"projects/{self.project}/subscriptions/{subscription}")

    def extracted(self):
        """Ids of the pushes and snapshots that became records."""
        path = f"projects/{self.project}/subscriptions/kb-writer"
        with SubscriberClient() as client:
            found = client.pull(subscription=path, max_messages=1000, timeout=5).received_messages
        return {json.loads(one.message.data)["record_id"] for one in found}

    def _counted(self, environ, start_response):
        with self._lock:
            self._in_hand += 1
        try:
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            environ["wsgi.input"] = BytesIO(body)
            envelope = json.loads(body)
            self.attempts[envelope["message"]["messageId"]] = envelope["deliveryAttempt"]
            return list(self._wsgi(environ, start_response))
        finally:
            with self._lock:
                self._in_hand -= 1


@pytest.mark.parametrize("says_how_long", [True, False], ids=["and says how long", "and does not say"])
def test_hours_of_refusal_lose_nothing_and_make_no_dead_letter(says_how_long, monkeypatch):
    clock = Clock()
    limited = LimitedSource(clock, says_how_long=says_how_long)
    with EmbeddedPubSub(clock=clock) as server:
        world = World(RestingSource(limited, clock=clock), clock, server, monkeypatch)
        pushes = [pushed(f"a{n}", f"b{n}", n) for n in range(EACH)]
        asked = [
            SnapshotRequested(cause="snapshot", repository=repository(), sha=sha(f"s{n}"), asked_by="test")
            for n in range(EACH)
        ]
        world.publisher.publish([*pushes, *asked])
        world.turn(THREE_HOURS - 2 * STEP)
        refused, attempts = limited.refused, max(world.attempts.values())
        assert world.waiting("kb-writer") == 0
        world.turn(RETRY_SECONDS[1] + 3 * STEP)
        world.wait_for_records(2 * EACH)
        assert world.extracted() == {event.id for event in (*pushes, *asked)}
        for name in SUBSCRIPTIONS:
            assert world.waiting(name) == world.waiting(f"{name}-dead") == 0
        assert attempts <= 25, "of the hundred that a message has"
        if says_how_long:
            assert refused <= 3 * 8 * len(SUBSCRIPTIONS), "an hour is left alone, but for who had begun"
        world.close()


@pytest.mark.parametrize("name", SUBSCRIPTIONS)
def test_a_hundred_attempts_outlast_fifteen_hours_of_refusal(name):
    least, most = RETRY_SECONDS
    attempts = TOPOLOGY.subscription(name).max_delivery_attempts
    pauses = [min(most, least * 2**n) for n in range(attempts - 1)]
    assert sum(pauses) > 15 * 3600 > THREE_HOURS
    assert all(one <= other for one, other in pairwise(pauses))


def test_only_the_owner_who_is_limited_rests():
    clock = Clock()
    resting = RestingSource(LimitedSource(clock, says_how_long=True), clock=clock)
    for _ in range(2):
        with pytest.raises(Unavailable):
            resting.change(repository("acme/api"), before=sha("a"), after=sha("b"))
    with pytest.raises(Unavailable, match="the repositories of acme are left alone for another 3600 s"):
        resting.root_files(repository("Acme/other"), sha=sha("b"), names=[])
    assert resting.root_files(repository("other/api"), sha=sha("b"), names=[]) == {}
    clock.now += THREE_HOURS
    assert resting.change(repository("acme/api"), before=sha("a"), after=sha("b")).is_descendant
