"""What counts as arrived, and what a run may touch in its home."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from types import SimpleNamespace

import pytest
from builders import pushed, reading, record_of, row
from fakes.git_history import make_repository

from devnexus.knowledge.analyses import split
from devnexus.people.organisation import Organisation
from devnexus.people.yaml_file import parse
from devnexus.secrets import Secret
from devnexus_cli.local_repository import open_local
from devnexus_cli.replay import Replay, _Arrived, link_clones, send
from devnexus_cli.script import script_of

RECORD = record_of(pushed("a", "b"), *(reading(f"{n}.py", row()) for n in range(9)))


def test_a_record_in_parts_has_arrived_when_its_last_part_has():
    arrived = _Arrived(rules_version=1)
    *others, last = split(RECORD, max_bytes=1000)
    arrived.take(others)
    assert arrived.whole == set()
    arrived.take([last])
    assert arrived.whole == {RECORD.record_id}


def test_what_older_rules_have_read_has_not_arrived():
    arrived = _Arrived(rules_version=2)
    arrived.take([RECORD])
    assert arrived.whole == set()
    arrived.take([record_of(pushed("a", "b"), analysis="a2", rules_version=2)])
    assert arrived.whole == {RECORD.record_id}


def test_linking_clones_removes_old_links_and_nothing_else(tmp_path):
    make_repository(tmp_path / "r", [{"a": "1"}])
    precious = tmp_path / "clones" / "mine" / "precious"
    precious.mkdir(parents=True)
    (tmp_path / "clones" / "mine" / "old").symlink_to(tmp_path)
    link_clones([open_local(tmp_path / "r")], tmp_path / "clones")
    assert precious.is_dir()
    assert not (tmp_path / "clones" / "mine" / "old").exists()
    assert (tmp_path / "clones" / "local" / "r").resolve() == tmp_path / "r"


@contextmanager
def receiver():
    """The port of a receiver that takes every push; its event ids count up."""
    taken = count(1)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(202)
            self.end_headers()
            self.wfile.write(json.dumps({"event_id": f"push-{next(taken)}"}).encode())

        def log_message(self, *_):
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


class Sending:
    """As much of a stack as sending needs."""

    secret = Secret(b"s")

    def __init__(self, port):
        self.webhook_port = port
        self.published = []

    def publisher(self, _):
        return SimpleNamespace(publish=self.published.extend, close=lambda: None)


@pytest.mark.parametrize(
    ("settings", "expected", "unread"),
    [("", {"push-1", "push-2", "push-3"}, 0), ("repositories: {exclude: ['local/r']}", set(), 3)],
)
def test_a_run_waits_for_nothing_of_what_the_organisation_excludes(tmp_path, settings, expected, unread):
    make_repository(tmp_path / "r", [{"a": "1"}, {"a": "2"}, {"a": "3"}])
    run = Replay(script_of([open_local(tmp_path / "r")]))
    with receiver() as port:
        send(Sending(port), run, parse(Organisation, settings.encode()), lambda _: None)
    assert {id_ for id_ in run.expected if id_.startswith("push")} == expected
    assert (len(run.expected), run.unread) == (len(expected) + (not unread), unread)


def test_a_run_waits_for_nothing_of_pushes_that_the_repository_does_not_want_read(tmp_path):
    steps = [{".devnexus.yml": "analyse: false"}, {"a": "1"}, {".devnexus.yml": "analyse: nonsense"}]
    make_repository(tmp_path / "r", steps)
    run = Replay(script_of([open_local(tmp_path / "r")]))
    with receiver() as port:
        send(Sending(port), run, Organisation(), lambda _: None)
    assert (run.expected, run.unread) == ({"push-3"}, 2)
