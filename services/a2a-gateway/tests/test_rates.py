"""How often somebody may ask."""

from a2a_gateway.callers.rates import Rates, before_cloud_run, peer


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def test_all_of_a_minute_may_be_asked_at_once_and_then_at_that_pace():
    clock = Clock()
    rates = Rates(60, clock=clock)
    assert [rates.wait("ana") for _ in range(60)] == [0] * 60
    assert rates.wait("ana") == 1
    assert rates.wait("zoe") == 0
    clock.now += 1.5
    assert rates.wait("ana") == 0
    assert rates.wait("ana") == 0.5
    clock.now += 3600
    assert [rates.wait("ana") for _ in range(61)] == [0] * 60 + [1]


def test_who_keeps_asking_while_refused_waits_no_longer():
    clock = Clock()
    rates = Rates(1, clock=clock)
    rates.wait("ana")
    assert [rates.wait("ana") for _ in range(100)] == [60] * 100
    clock.now += 60
    assert rates.wait("ana") == 0


def test_no_more_callers_are_remembered_than_fit():
    rates = Rates(1, clock=Clock(), most_known=3)
    for number in range(100):
        rates.wait(f"caller {number}")
    assert len(rates._done_at) == 3
    assert rates.wait("caller 99") > 0


def scope(client=("10.0.0.1", 1), *forwarded):
    return {"client": client, "headers": [(b"x-forwarded-for", value) for value in forwarded]}


def test_an_address_is_the_peer_s_and_a_line_of_ipv6_counts_as_one():
    assert peer(scope()) == peer(scope(("::ffff:10.0.0.1", 2))) == "10.0.0.1"
    assert peer(scope(("2001:db8::1", 1))) == peer(scope(("2001:db8::ffff:2", 1)))
    assert peer(scope(("2001:db8::1", 1))) != peer(scope(("2001:db8:0:1::1", 1)))
    assert peer(scope(None)) == peer(scope(("testclient", 1)))
    assert peer(scope(("10.0.0.1", 1), b"1.2.3.4")) == "10.0.0.1"


def test_behind_google_s_front_end_it_is_what_that_added_and_not_what_a_caller_made_up():
    assert before_cloud_run(scope(("169.254.1.1", 1), b"1.2.3.4")) == "1.2.3.4"
    assert before_cloud_run(scope(("169.254.1.1", 1), b"9.9.9.9, 8.8.8.8,1.2.3.4")) == "1.2.3.4"
    assert before_cloud_run(scope(("169.254.1.1", 1), b"9.9.9.9", b"8.8.8.8, 1.2.3.4")) == "1.2.3.4"
    assert before_cloud_run(scope(("169.254.1.1", 1), b"garbage")) == ""
    assert before_cloud_run(scope(("169.254.1.1", 1))) == "169.254.1.1"
