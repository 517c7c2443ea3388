"""The Pub/Sub of `make soak`: what it loses on its way comes again, and it remembers what it was given."""

from soak.pubsub import ObservedBroker

from devnexus_cli.embedded_pubsub.model import Draft, RetryPolicy, Settings

TOPIC = "projects/p/topics/news"
NAME = "projects/p/subscriptions/reader"


def broker():
    made = ObservedBroker(clock=lambda: made.second)
    made.second = 0.0
    made.observe()
    made.directory.create_topic(TOPIC)
    made.directory.create_subscription(Settings(name=NAME, topic=TOPIC, retry=RetryPolicy(1.0, 8.0)))
    return made


def test_a_delivery_that_is_lost_on_its_way_comes_again():
    made = broker()
    made.publish(TOPIC, [Draft(b"{}", {"ce-id": str(number)}) for number in range(10)])
    made.drop_every = 3
    first = made.pull(NAME, 10)
    assert (len(first), made.dropped) == (7, 3)
    made.drop_every, made.second = 0, 5.0
    again = made.pull(NAME, 10)
    got = {one.message.attributes["ce-id"] for one in (*first, *again)}
    assert len(again) == 3 and got == {str(number) for number in range(10)}


def test_it_remembers_every_event_that_it_took_once():
    made = broker()
    made.publish(TOPIC, [Draft(b'{"cause": "live"}', {"ce-id": "1"}), Draft(b"\xff", {"ce-id": "2"})])
    made.publish(TOPIC, [Draft(b"{}", {"ce-id": "1"})])
    assert made.events == {"news": {"1": {"cause": "live"}, "2": {}}}
