"""Pushes of every shape, as GitHub would send them, through the receiver, the extractor and the fold."""

import json
import random
import subprocess
import uuid

import pytest
from fakes.git_history import service_history
from fakes.pubsub import FakePublisher
from flask import Flask
from push_payloads import NOTHING, Ref
from replay import Replay

from devnexus.events import CommitPushed, PatternsExtracted
from devnexus.knowledge.fold import fold
from devnexus.secrets import Secret
from devnexus.values import canonical_json
from devnexus_cli.in_process import InProcess
from webhook_receiver.routes import webhook_routes
from webhook_receiver.signature import sign

SECRET = Secret(b"a secret")
START = 1_767_225_600


class Author:
    """Works in a clone, and remembers how its refs moved, as GitHub's webhooks tell it."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "Zoë")
        self.git("config", "user.email", "zoe@example.org")
        self.moves = []
        self._refs = {}

    def git(self, *arguments, stdin=None):
        command = ["git", "-C", self.folder, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, input=stdin).stdout.strip()

    def commit(self, files, message="A step"):
        for path, text in files.items():
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                place.unlink(missing_ok=True)
            else:
                place.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)

    def push(self, ref="refs/heads/main", *, by_bot=False):
        """The ref is now where it is in the clone."""
        found = self.git("for-each-ref", "--format=%(objectname)", ref) or NOTHING
        before, self._refs[ref] = self._refs.get(ref, NOTHING), found
        if found != NOTHING:  # what is pushed once stays reachable
            self.git("update-ref", f"refs/kept/{found}", found)
        self.moves.append(Ref(ref, before, found, START + 60 * len(self.moves), by_bot))


def every_shape(author):
    """One push after the other: ordinary ones in between those that are special."""
    ordinary = iter(service_history(290))

    def some(count):
        for _ in range(count):
            author.commit(next(ordinary))
            author.push(by_bot=count % 2 == 0)

    author.commit({"README.md": "# Żółw\n\nA turtle.\n"})
    author.push()
    some(50)
    for step in range(5):  # several commits in one push
        author.commit({f"src/part{step}.py": "import structlog\n"}, f"Part {step}\n\nWith a body.")
    author.push()
    author.git("checkout", "--quiet", "-b", "feature/ünïcode")
    author.commit({"side.py": "import celery\n"})
    author.push("refs/heads/feature/ünïcode")
    author.git("checkout", "--quiet", "main")
    author.commit({"yarn.lock": "x\n" * 5000, "logo.png": b"\x89PNG\0\xff"})
    author.git("merge", "--quiet", "--no-ff", "feature/ünïcode", "-m", "Merge the side")
    author.push()
    author.git("branch", "--quiet", "-D", "feature/ünïcode")
    author.push("refs/heads/feature/ünïcode")
    some(60)
    author.git("tag", "v1")
    author.push("refs/tags/v1")
    author.git("tag", "-a", "v2", "-m", "Version 2")
    author.push("refs/tags/v2")
    author.git("tag", "-d", "v1")
    author.push("refs/tags/v1")
    author.git("mv", "side.py", "moved side.py")
    author.commit({})
    author.push()
    author.git("revert", "--no-edit", "HEAD")
    author.push()
    some(60)
    author.git("reset", "--quiet", "--hard", "HEAD~3")  # forced: commits are dropped
    author.push()
    author.git("commit", "--quiet", "--amend", "-m", "Amended")
    author.push()
    author.commit({}, "Nothing changes")
    author.push()
    some(60)
    stream = "".join(
        f"commit refs/heads/main\ncommitter Z <z@example.org> {START + n} +0000\ndata 1\nx\n"
        + (f"from {author.git('rev-parse', 'main')}\n" if n == 0 else "")
        + f"M 100644 inline many.txt\ndata {len(str(n))}\n{n}\n\n"
        for n in range(2100)
    )
    author.git("fast-import", "--quiet", "--force", stdin=stream)
    author.git("reset", "--quiet", "--hard", "main")
    author.push()
    some(60)


@pytest.fixture(scope="module")
def replayed(tmp_path_factory):
    author = Author(tmp_path_factory.mktemp("clones") / "acme" / "turtle")
    every_shape(author)
    replay = Replay(author.folder, name="acme/turtle", number=42)
    return author, [replay.push(move) for move in author.moves]


def taken(payloads):
    """The events that the receiver publishes for them."""
    broker = FakePublisher()
    app = Flask(__name__)
    app.register_blueprint(webhook_routes(secrets=(SECRET,), publisher=broker))
    client = app.test_client()
    for payload in payloads:
        body = json.dumps(payload).encode()
        headers = {
            "X-GitHub-Event": "push",
            "X-GitHub-Delivery": str(uuid.uuid1()),
            "X-Hub-Signature-256": sign(body, SECRET),
        }
        answer = client.post("/webhooks/github", data=body, headers=headers)
        assert answer.status_code in {200, 202}, (answer.json, payload["ref"])
    return broker.published


def page(records):
    return canonical_json(fold(records).project().model_dump(mode="json"))


def test_three_hundred_pushes_of_every_shape_make_one_record_each_in_any_order(replayed):
    author, payloads = replayed
    assert len(payloads) >= 300
    to_main = [one for one in payloads if one["ref"] == "refs/heads/main"]
    shuffled = [*payloads, *payloads]
    random.Random(7).shuffle(shuffled)
    with InProcess({"acme/turtle": author.folder}) as extractor:
        told = taken(payloads)
        records = [record for event in told for record in extractor.extracted(event)]
        again = taken(shuffled)
    assert all(isinstance(event, CommitPushed) for event in told)
    pushes = {record.record_id for record in records if record.subject == "push"}
    assert len(pushes) == len(to_main) == len(told)
    by_id = {event.id: event for event in told}
    assert {event.id for event in again} == by_id.keys()
    mixed = [record for record in records for _ in range(2)]
    random.Random(8).shuffle(mixed)
    assert all(isinstance(record, PatternsExtracted) for record in records)
    assert page(mixed) == page(records)


def test_the_payloads_hold_the_shapes_that_they_should(replayed):
    _, payloads = replayed
    shapes = {
        "created": any(one["created"] for one in payloads),
        "deleted": any(one["deleted"] for one in payloads),
        "forced": sum(one["forced"] for one in payloads) == 2,
        "cut": any(len(one["commits"]) == 2048 for one in payloads),
        "without commits": any(not one["commits"] and one["head_commit"] for one in payloads),
        "annotated": any(one["head_commit"] and one["head_commit"]["id"] != one["after"] for one in payloads),
        "merge": any(len(one["commits"]) == 3 for one in payloads),
        "bot": any(one["sender"]["type"] == "Bot" for one in payloads),
    }
    assert all(shapes.values()), shapes
