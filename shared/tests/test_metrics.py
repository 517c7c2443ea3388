"""Metrics: what the file may say of them, and that no log line can make them dear or wrong."""

import json
import logging
import os
import socket
import subprocess
import sys

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from pydantic import ValidationError

from devnexus import logs
from devnexus.answered import InHand
from devnexus.metrics import OTHER, Metrics, load_metrics
from devnexus.metrics_endpoint import Counting

SEEN = {
    "name": "devnexus_seen_total",
    "about": "x",
    "kind": "counter",
    "unit": "1",
    "service": "s",
    "logger": "l",
    "message": "seen",
}
TAKEN = {
    **SEEN,
    "name": "devnexus_taking_seconds",
    "kind": "distribution",
    "unit": "ms",
    "value": "duration_ms",
}


def metrics(*changed):
    return Metrics.model_validate({"buckets": {"ms": {"scale": 10, "count": 3}}, "metrics": changed})


@pytest.fixture
def counting():
    """Gives a function that has these metrics counted, and one that tells a sample of them."""
    handlers = []

    def start(*changed, service="s"):
        registry = CollectorRegistry()
        handlers.append(Counting(metrics(*changed), service=service, registry=registry))
        logging.getLogger("l").addHandler(handlers[-1])
        return registry

    logging.getLogger("l").setLevel(logging.INFO)
    yield start
    for handler in handlers:
        logging.getLogger("l").removeHandler(handler)


def say(message="seen", *args, **fields):
    logging.getLogger("l").info(message, *args, extra=fields)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "seen_total"},
        {"name": "devnexus_Seen_total"},
        {"name": "devnexus_seen"},
        {"kind": "gauge"},
        {"unit": "ms"},
        {"labels": ["repository"]},
        {"labels": ["event_id"]},
        {"labels": ["service"]},
        {"service": "*"},
        {"colour": "red"},
        {**TAKEN, "name": "devnexus_taking_ms"},
        {**TAKEN, "value": None},
        {**TAKEN, "name": "devnexus_takings", "unit": "1"},
    ],
    ids=str,
)
def test_a_metric_that_breaks_a_convention_is_none(wrong):
    metrics(SEEN, TAKEN)
    with pytest.raises(ValidationError):
        metrics({**SEEN, **wrong})


def test_the_metrics_of_this_version_hold_to_the_conventions():
    for service in ("webhook-receiver", "extractor", "kb-writer", "similarity", "notifier", "a2a-gateway"):
        assert load_metrics().of(service)


def test_only_the_very_line_counts(counting):
    registry = counting(SEEN)
    say()
    say("seen %s", "x")
    say("seen by others")
    logging.getLogger("l.below").info("seen")
    logging.getLogger("l").info({"seen": ["not", "text"]})
    assert registry.get_sample_value("devnexus_seen_total") == 1


def test_milliseconds_become_seconds(counting):
    registry = counting(TAKEN)
    say(duration_ms=25)
    say(duration_ms=1000)
    assert registry.get_sample_value("devnexus_taking_seconds_sum") == pytest.approx(1.025)
    assert registry.get_sample_value("devnexus_taking_seconds_bucket", {"le": "0.04"}) == 1


@pytest.mark.parametrize(
    "number",
    [None, "7", True, -1, float("nan"), float("inf"), 10**400, [1]],
    ids=lambda number: repr(number)[:9],
)
def test_what_is_no_number_is_not_counted_and_breaks_nothing(counting, number):
    registry = counting({**SEEN, "value": "n"}, TAKEN)
    say(n=number, duration_ms=number)
    say(n=2, duration_ms=2)
    assert registry.get_sample_value("devnexus_seen_total") == 2
    assert registry.get_sample_value("devnexus_taking_seconds_count") == 1


def test_whatever_stands_in_a_label_the_series_stay_few(counting):
    registry = counting({**SEEN, "labels": ["outcome", "skill"]})
    for number in range(5000):
        say(outcome=f'"}}\n\ud800{number}', skill=["x"] * number)
    series = [
        line for line in generate_latest(registry).splitlines() if line.startswith(b"devnexus_seen_total{")
    ]
    assert len(series) <= 101 and len(b"".join(series)) < 50_000
    assert sum(float(line.rpartition(b" ")[2]) for line in series) == 5000


def test_a_line_that_lacks_a_label_is_counted_without_it(counting):
    registry = counting({**SEEN, "labels": ["outcome"]})
    say()
    assert registry.get_sample_value("devnexus_seen_total", {"outcome": ""}) == 1


def test_where_several_services_log_a_line_it_is_said_which_it_was(counting):
    registry = counting({**SEEN, "service": "*", "labels": ["service"]}, service="mine")
    say(service="made up")
    assert registry.get_sample_value("devnexus_seen_total", {"service": "mine"}) == 1


def test_an_event_type_that_somebody_made_up_is_other(capsys):
    logs.configure("s")
    for kind in ("commit.pushed.v1", "made.up.v1", "", "x" * 2000):
        InHand({"ce-type": kind}, None).answered("not-now", reason="why")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event_type"] for line in lines] == ["commit.pushed.v1", OTHER, OTHER, OTHER]
    assert {(line["severity"], line["lag_ms"], line["reason"]) for line in lines} == {
        ("WARNING", None, "why")
    }


def started(**environment):
    """A process that starts as every one of ours does, and then says whether Prometheus' client is there."""
    code = """if True:
        import sys, urllib.request
        from devnexus.start import starting
        with starting("extractor"):
            pass
        print("prometheus_client" in sys.modules)
        if port := sys.argv[1:]:
            print(urllib.request.urlopen(f"http://127.0.0.1:{port[0]}/metrics", timeout=5).read().decode())
    """
    given = {**os.environ, "METRICS_PORT": "", "HOST": "", **environment}
    port = [environment["METRICS_PORT"]] if environment else []
    return subprocess.run([sys.executable, "-c", code, *port], env=given, capture_output=True, text=True)


def test_where_no_port_is_set_nothing_is_imported():
    assert started().stdout == "False\n"


def test_a_port_that_is_set_tells_of_the_process_and_one_in_use_stops_the_start():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        failed = started(METRICS_PORT=port)
    (line,) = map(json.loads, failed.stdout.splitlines())
    assert failed.returncode == 3
    assert line["message"].startswith(
        f"cannot start: METRICS_PORT: nothing can listen on 127.0.0.1:{port} (Addr"
    )
    told = started(METRICS_PORT=port).stdout
    assert "process_resident_memory_bytes" in told and "# TYPE devnexus_events_total counter" in told


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_what_is_no_port_stops_the_start(port):
    assert "cannot start: METRICS_PORT: " in started(METRICS_PORT=port).stdout
