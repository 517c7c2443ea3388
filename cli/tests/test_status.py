"""`devnexus status` on a real knowledge base, with services that answer or do not."""

import json
import os
import time
import uuid
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from builders import pushed, reading, record_of, row
from click.testing import CliRunner
from fakes.knowledge import make_store

from devnexus.knowledge.layout import projection_path
from devnexus.parking import park
from devnexus.provision import provision
from devnexus.pubsub import PubSubPublisher
from devnexus.topology import load_topology
from devnexus_cli.embedded_pubsub.server import EmbeddedPubSub
from devnexus_cli.main import main
from devnexus_cli.ports import free_port
from devnexus_cli.running import Running, announced
from kb_writer.group_commit import Writer

TOPOLOGY = load_topology()
PAGE = projection_path("acme/api")


@contextmanager
def service(status=200):
    """The URL of an HTTP service that answers so to GET /health."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *_):
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("PUBSUB_EMULATOR_HOST", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.setenv(name, "")  # so that what the command sets is taken back
        monkeypatch.delenv(name)
    store = make_store(tmp_path / ".devnexus" / "knowledge.git")
    Writer(store).group_commit([record_of(pushed("0", "a"), reading("app.py", row(weight=0.9)))])
    yield store
    store.close()


@pytest.fixture(scope="module")
def pubsub():
    with EmbeddedPubSub() as server:
        yield server.endpoint


@pytest.fixture
def run(store, pubsub, tmp_path):
    """Gives a run of one service, whose Pub/Sub is provisioned."""
    heartbeat = tmp_path / "heartbeat"
    heartbeat.touch()

    @contextmanager
    def run(url, *, endpoint=pubsub):
        project = f"status-{uuid.uuid4().hex[:8]}"
        with pytest.MonkeyPatch.context() as emulated:
            emulated.setenv("PUBSUB_EMULATOR_HOST", pubsub)
            nowhere = {one.push: "http://127.0.0.1:1" for one in TOPOLOGY.subscriptions if one.push}
            provision(TOPOLOGY, project=project, services=nowhere)
            sender = PubSubPublisher(project=project, source="/test")
        running = Running(
            project=project, pubsub=endpoint, services={"extractor": url}, heartbeat=str(heartbeat)
        )
        with announced(tmp_path / ".devnexus", running):
            yield sender
        sender.close()

    return run


def status(*words):
    return CliRunner().invoke(main, ["status", *words])


def facts(done):
    return json.loads(done.stdout)


def test_what_is_well_is_said_calmly_and_nothing_else_changes(store, run):
    head = store.head()
    with service() as url, run(url):
        done = status()
    assert done.exit_code == 0, done.output
    for said in (
        f"at {head[:12]}, ",
        "Update KB: acme/api @",
        "1 repository, 2 commits in the last hour",
        "extractor  ok",
        "heartbeat ",
        "dead letters  none",
        "acme/api  1 push, 0 snapshots, 1 pattern",
    ):
        assert said in done.stdout
    assert "!" not in done.stdout
    assert store.head() == head


def test_what_cannot_be_looked_at_is_said_and_not_wrong(store):
    done = status()
    assert done.exit_code == 0, done.output
    for title in ("services", "kb-writer", "lag", "dead letters"):
        line = next(line for line in done.stdout.splitlines() if line.strip().startswith(title))
        assert "not known:" in line


def test_a_service_that_is_down_or_ill_is_wrong(store):
    with service(500) as ill:
        done = status(f"notifier={ill}", f"similarity=http://127.0.0.1:{free_port()}", "--json")
    assert done.exit_code == 1
    assert facts(done)["wrong"] == ["services"]
    assert facts(done)["services"]["notifier"] == "down: answers 500"
    assert facts(done)["services"]["similarity"].startswith("down: ConnectionRefused")


def test_a_writer_that_is_silent_is_wrong(run, tmp_path):
    with service() as url, run(url):
        os.utime(tmp_path / "heartbeat", (time.time() - 300,) * 2)
        done = status()
        assert done.exit_code == 1 and "heartbeat 5 min ago: it hangs, or is gone" in done.stdout
        (tmp_path / "heartbeat").unlink()
        assert "no heartbeat" in status().stdout


def test_dead_letters_are_counted_and_stay(run):
    writer = TOPOLOGY.subscription("kb-writer")
    with service() as url, run(url) as sender:
        for data in (b"1", b"2"):
            park(data, {}, reason="no", subscription=writer, sender=sender)
        for _ in range(2):
            done = status("--json")
            assert done.exit_code == 1
            assert (facts(done)["wrong"], facts(done)["dead_letters"]) == (["dead letters"], {"kb-writer": 2})


def test_a_run_that_was_killed_is_down_and_its_dead_letters_are_not_known(run):
    gone = f"127.0.0.1:{free_port()}"
    with run(f"http://{gone}", endpoint=gone):
        done = status("--json")
    assert facts(done)["wrong"] == ["services"]
    assert "not_known" in facts(done)["dead_letters"]


def test_a_page_older_than_its_history_and_a_broken_file_of_people_are_damage(store):
    old = store.read([PAGE], at=store.head())[PAGE]
    Writer(store).group_commit([record_of(pushed("a", "b", 1), reading("app.py", row(weight=0.9)))])
    assert status().exit_code == 0
    files = {PAGE: old, "vocabulary.yaml": b"aliases: 3\n"}
    store.commit(files, message="by hand", expected_head=store.head())
    done = status("--json")
    assert done.exit_code == 1 and facts(done)["wrong"] == ["damage"]
    broken, stale = facts(done)["damage"]["problems"]
    assert broken.startswith("vocabulary.yaml: ")
    assert stale == f"{PAGE}: older than its history: devnexus kb verify --repair"


def test_a_gap_is_told_and_is_for_the_sweep_to_close(store):
    Writer(store).group_commit([record_of(pushed("x", "y", 1), reading("app.py", row()))])
    done = status()
    assert done.exit_code == 0
    assert "acme/api   gap: " in done.stdout and "was missed" in done.stdout


def test_without_a_knowledge_base_the_rest_is_looked_at_all_the_same(store, tmp_path):
    with service() as url:
        done = status("--knowledge", str(tmp_path / "nowhere"), f"notifier={url}")
    assert done.exit_code == 1
    assert "devnexus kb init" in done.stdout and "notifier  ok" in done.stdout
