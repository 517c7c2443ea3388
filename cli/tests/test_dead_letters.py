"""`devnexus dead-letters` as an operator uses it, against the embedded Pub/Sub."""

import json
import uuid

import pytest
from builders import pushed
from click.testing import CliRunner
from google.cloud.pubsub_v1 import SubscriberClient

from devnexus.codec import decode, encode
from devnexus.parking import is_for, park
from devnexus.provision import provision
from devnexus.pubsub import PubSubPublisher
from devnexus.topology import load_topology
from devnexus_cli.embedded_pubsub.server import EmbeddedPubSub
from devnexus_cli.main import main
from devnexus_cli.running import Running, announced

TOPOLOGY = load_topology()
PUSH = pushed("a", "b")
DATA, ATTRIBUTES = encode(PUSH, source="/test")


@pytest.fixture(scope="module")
def pubsub():
    with EmbeddedPubSub() as server:
        yield server.endpoint


@pytest.fixture
def project(pubsub, monkeypatch, tmp_path):
    """A provisioned project of a run whose home is the current folder's."""
    monkeypatch.chdir(tmp_path)
    project = f"cli-{uuid.uuid4().hex[:8]}"
    services = {one.push: "http://127.0.0.1:1" for one in TOPOLOGY.subscriptions if one.push}
    with pytest.MonkeyPatch.context() as emulated:
        emulated.setenv("PUBSUB_EMULATOR_HOST", pubsub)
        provision(TOPOLOGY, project=project, services=services)
        with SubscriberClient() as subscriber:
            reader, topic = (
                f"projects/{project}/subscriptions/reader",
                f"projects/{project}/topics/commit-pushed",
            )
            subscriber.create_subscription(name=reader, topic=topic)
        sender = PubSubPublisher(project=project, source="/test")
    home = tmp_path / ".devnexus"
    home.mkdir()
    monkeypatch.delenv("PUBSUB_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", "")  # so that what the command sets is taken back
    monkeypatch.delenv("PUBSUB_EMULATOR_HOST")
    with announced(home, Running(project=project, pubsub=pubsub, services={}, heartbeat="h")):
        yield project, sender
    sender.close()


@pytest.fixture
def parked(project):
    """The ids of two dead letters of the extractor and one of the writer."""
    _, sender = project
    extractor, writer = TOPOLOGY.subscription("extractor-commits"), TOPOLOGY.subscription("kb-writer")
    return [
        park(DATA, ATTRIBUTES, reason="no clone", subscription=extractor, sender=sender),
        park(b"\xff\x1b[2J", {"k": "\x1b[2J"}, reason="\x1b[2Jodd", subscription=extractor, sender=sender),
        park(b"{}", {"k": "v"}, reason="ce-id is missing", subscription=writer, sender=sender),
    ]


def devnexus(*words):
    return CliRunner().invoke(main, ["dead-letters", *words])


def test_the_list_says_what_waits_where_and_why(parked):
    done = devnexus("list")
    assert done.exit_code == 0, done.output
    line = next(line for line in done.output.splitlines() if line.startswith(parked[0]))
    for word in ("extractor-commits", "s ago", "commit.pushed.v1", PUSH.id, "no clone"):
        assert word in line
    assert "\x1b" not in done.output
    assert "3 dead letters" in done.output
    only = json.loads(devnexus("list", "--subscription", "kb-writer-dead", "--json").stdout)
    assert [(one["id"], one["reason"]) for one in only] == [(parked[2], "ce-id is missing")]


def test_a_letter_is_shown_whole_whatever_its_data_are(parked):
    shown = json.loads(devnexus("show", parked[0]).stdout)
    assert shown["data"] == json.loads(DATA) and shown["attributes"] == ATTRIBUTES
    assert shown["reason"] == "no clone"
    odd = devnexus("show", parked[1], "--subscription", "extractor-commits")
    assert json.loads(odd.stdout)["data_in_base64"] == "/xtbMko="
    assert "\x1b" not in odd.output


def test_a_replayed_letter_is_published_for_its_subscription_and_gone(project, pubsub, parked, monkeypatch):
    done = devnexus("replay", parked[0])
    assert done.exit_code == 0, done.output
    assert f"{parked[0]} → extractor-commits" in done.output and "1 replayed" in done.output
    left = {one["id"] for one in json.loads(devnexus("list", "--json").stdout)}
    assert left == set(parked[1:])
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub)
    with SubscriberClient() as subscriber:
        path = f"projects/{project[0]}/subscriptions/reader"
        (received,) = subscriber.pull(subscription=path, max_messages=9, timeout=5).received_messages
    attributes = dict(received.message.attributes)
    assert decode(received.message.data, attributes) == PUSH
    assert is_for(attributes, "extractor-commits") and not is_for(attributes, "reader")


def test_all_means_all_of_the_named_subscription(parked):
    assert "2 replayed" in devnexus("replay", "--all", "--subscription", "extractor-commits").output
    assert [one["id"] for one in json.loads(devnexus("list", "--json").stdout)] == [parked[2]]


def test_an_unknown_id_and_a_missing_choice_are_said(parked):
    unknown = devnexus("replay", parked[0], "0123456789abcdef")
    assert unknown.exit_code == 1
    assert "no dead letter 0123456789abcdef" in unknown.output and "dead-letters list" in unknown.output
    assert devnexus("show", "0123456789abcdef").exit_code == 1
    for words in (["replay"], ["replay", "--all", parked[1]], ["list", "--subscription", "nobody"]):
        assert devnexus(*words).exit_code == 2


def test_without_a_run_and_a_project_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    done = devnexus("list")
    assert done.exit_code == 1 and "GOOGLE_CLOUD_PROJECT" in done.output


def test_the_usual_variable_names_the_project(project, parked, pubsub, monkeypatch, tmp_path):
    name, _ = project
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", name)
    listed = devnexus("list", "--json", "--home", str(tmp_path / "nowhere"))
    assert {one["id"] for one in json.loads(listed.stdout)} == set(parked)
