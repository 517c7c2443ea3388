"""Provisioning and publishing against a real Pub/Sub: the embedded one, or Google's emulator."""

import time
import uuid

import pytest
from builders import pushed
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient

from devnexus.codec import decode
from devnexus.emulator import loses_what_waits
from devnexus.errors import ConfigurationError, Unavailable
from devnexus.parking import park
from devnexus.provision import provision
from devnexus.pubsub import PubSubPublisher
from devnexus.topology import load_topology
from devnexus_cli.ports import free_port

TOPOLOGY = load_topology()
PUSH = pushed("a", "b")


def at(url):
    """Every service that is pushed to, at this address."""
    return {subscription.push: url for subscription in TOPOLOGY.subscriptions if subscription.push}


@pytest.fixture
def project(pubsub, monkeypatch):
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub)
    return f"contract-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def subscriber(project):
    with SubscriberClient() as client:
        yield client


def receive(subscriber, project, subscription):
    path = f"projects/{project}/subscriptions/{subscription}"
    until = time.monotonic() + 10
    while time.monotonic() < until:
        messages = subscriber.pull(subscription=path, max_messages=10, timeout=5).received_messages
        if messages:
            subscriber.acknowledge(subscription=path, ack_ids=[message.ack_id for message in messages])
            return [message.message for message in messages]
    raise AssertionError(f"nothing came to {subscription}")


def test_everything_in_the_topology_is_there_and_a_second_time_brings_it_up_to_date(project, subscriber):
    provision(TOPOLOGY, project=project, services=at("http://old"))
    provision(TOPOLOGY, project=project, services=at("http://new/"))
    topics = {
        topic.name.rpartition("/")[2]
        for topic in PublisherClient().list_topics(project=f"projects/{project}")
    }
    dead_letters = {subscription.dead_letter for subscription in TOPOLOGY.subscriptions}
    assert topics == {topic.name for topic in TOPOLOGY.topics} | dead_letters
    found = {
        s.name.rpartition("/")[2]: s for s in subscriber.list_subscriptions(project=f"projects/{project}")
    }
    assert found.keys() == {subscription.name for subscription in TOPOLOGY.subscriptions} | dead_letters
    # Else one that nobody pulls for 31 days is deleted: every dead-letter subscription, in good times.
    assert all("expiration_policy" in s and "ttl" not in s.expiration_policy for s in found.values())
    commits = found["extractor-commits"]
    assert commits.push_config.push_endpoint == "http://new/events"
    assert commits.ack_deadline_seconds == 600
    assert commits.dead_letter_policy.max_delivery_attempts == 100
    assert commits.dead_letter_policy.dead_letter_topic.endswith("/extractor-commits-dead")
    if loses_what_waits():  # Google's emulator
        assert "retry_policy" not in commits
    else:
        assert commits.retry_policy.minimum_backoff.total_seconds() == 10
    assert found["kb-writer"].push_config.push_endpoint == ""


def test_in_the_cloud_nothing_is_made_that_would_push_unsigned(monkeypatch):
    monkeypatch.delenv("PUBSUB_EMULATOR_HOST", raising=False)
    with pytest.raises(ConfigurationError, match="Terraform"):
        provision(TOPOLOGY, project="p", services=at("http://unused"))


def test_a_service_without_an_address_is_named(monkeypatch):
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", "127.0.0.1:1")
    with pytest.raises(ConfigurationError, match="extractor"):
        provision(TOPOLOGY, project="p", services={})


def test_an_event_is_with_the_broker_when_publish_returns(project, subscriber):
    provision(TOPOLOGY, project=project, services=at("http://unused"))
    subscriber.create_subscription(
        name=f"projects/{project}/subscriptions/reader", topic=f"projects/{project}/topics/commit-pushed"
    )
    PubSubPublisher(project=project, source="/test").publish([PUSH])
    (message,) = receive(subscriber, project, "reader")
    assert decode(message.data, dict(message.attributes)) == PUSH


def test_a_parked_message_waits_in_the_dead_letters_of_its_subscription(project, subscriber):
    provision(TOPOLOGY, project=project, services=at("http://unused"))
    sender = PubSubPublisher(project=project, source="/test")
    attributes = {"a": "b", "topic": "mine", "retry": "no", "self": "x"}
    park(b"{", attributes, reason="é" * 2000, subscription=TOPOLOGY.subscription("kb-writer"), sender=sender)
    (message,) = receive(subscriber, project, "kb-writer-dead")
    assert (message.data, message.attributes["a"]) == (b"{", "b")
    assert message.attributes["original-topic"] == "mine"
    assert message.attributes["devnexus-park-reason"].startswith("é")


def test_a_topic_that_is_not_there_is_unavailable(project):
    with pytest.raises(Unavailable):
        PubSubPublisher(project=project, source="/test").publish([PUSH])


def test_a_broker_that_does_not_answer_is_given_up_within_the_time_that_github_waits(monkeypatch):
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", f"127.0.0.1:{free_port()}")
    publisher = PubSubPublisher(project="p", source="/test")
    started = time.monotonic()
    with pytest.raises(Unavailable):
        publisher.publish([PUSH])
    assert time.monotonic() - started < 9
