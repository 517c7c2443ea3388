"""Traces: carried along by everybody, recorded only where TRACES says so, and never in anybody's way."""

import json
import logging
import os
import socket
import subprocess
import sys
import time

import pytest
from builders import pushed
from fakes.collector import Collector
from recorded import recording

from devnexus import logs, trace_context, tracing
from devnexus.codec import decode, encode
from devnexus.errors import ConfigurationError, Unavailable
from devnexus.parking import park_id
from devnexus.settings import read_settings
from devnexus.watching import Watching

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{SPAN}-01"
UNWANTED = f"00-{TRACE}-{SPAN}-00"
MESSAGE = {"ce-traceparent": PARENT, "ce-type": "commit.pushed.v1", "ce-id": "one"}
NONSENSE = [
    "",
    "nonsense",
    "é" * 55,
    PARENT.upper(),
    PARENT + "-more",
    PARENT + " " * 100_000,
    f"ff-{TRACE}-{SPAN}-01",
    f"00-{'0' * 32}-{SPAN}-01",
    f"00-{TRACE}-{'0' * 16}-01",
    PARENT.replace("a", "\ud800"),
]


def test_without_a_recorder_what_follows_belongs_where_its_cause_did():
    with tracing.processing(MESSAGE), tracing.span("something"):
        assert trace_context.to_carry() == {"ce-traceparent": PARENT}
        assert trace_context.to_keep() == PARENT
    assert trace_context.to_carry() == {}


@pytest.mark.parametrize("text", NONSENSE)
def test_what_is_no_traceparent_is_as_good_as_none(text, caplog):
    for place in (
        trace_context.carried({"ce-traceparent": text}),
        trace_context.asked({"traceparent": text}),
        trace_context.kept(text),
    ):
        with trace_context.belonging_to(place):
            assert trace_context.here() is None
    assert caplog.records == []


def test_a_tracestate_goes_along_unless_it_is_longer_than_allowed():
    for state, carried in (("vendor=1", "vendor=1"), (f"vendor={'1' * 600}", None)):
        place = trace_context.carried({"ce-traceparent": PARENT, "ce-tracestate": state})
        with trace_context.belonging_to(place):
            assert trace_context.to_carry().get("ce-tracestate") == carried


def test_the_trace_says_nothing_about_the_event():
    data, attributes = encode(pushed("a", "b"), source="/test")
    spelled = {"ce-traceparent": PARENT, "CE-Traceparent": UNWANTED, "ce-tracestate": "\ud800" * 9000}
    assert decode(data, {**attributes, **spelled}) == pushed("a", "b")
    assert park_id(data, {**attributes, "ce-traceparent": PARENT}) == park_id(data, attributes)


def test_a_line_in_the_log_names_the_trace_as_cloud_logging_wants_it(capsys):
    logs.configure("service", project="our-project")
    with tracing.processing(MESSAGE):
        logging.getLogger("x").info("inside")
    logging.getLogger("x").info("a name of git's: \udcff")
    inside, after = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert inside["logging.googleapis.com/trace"] == f"projects/our-project/traces/{TRACE}"
    assert inside["logging.googleapis.com/spanId"] == SPAN
    assert inside["logging.googleapis.com/trace_sampled"] is True
    assert not any(key.startswith("logging.googleapis.com") for key in after)
    assert after["message"].endswith("\udcff")


def test_a_webhook_is_recorded_whatever_the_platform_wants_and_the_rest_as_its_cause_was():
    unwanted = {**MESSAGE, "ce-traceparent": UNWANTED}
    with recording() as recorded:
        place = trace_context.asked({"traceparent": UNWANTED})
        with tracing.span("webhook", parent=place, begins="webhook"), tracing.span("publish"):
            handed_on = trace_context.to_carry()
        with tracing.processing(unwanted), tracing.span("dropped"):
            assert trace_context.here().is_sampled is False
    (webhook,), (publish,) = recorded.named("webhook"), recorded.named("publish")
    assert trace_context.trace.format_trace_id(webhook.context.trace_id) == TRACE
    assert publish.parent.span_id == webhook.context.span_id
    assert handed_on["ce-traceparent"].endswith(f"{publish.context.span_id:016x}-01")
    assert recorded.named("process commit.pushed.v1") == recorded.named("dropped") == []


def test_what_fails_says_why_and_of_a_bug_only_what_it_is():
    with recording() as recorded:
        for error in (Unavailable("GitHub is away\ud800"), KeyError("what a repository holds")):
            with pytest.raises(type(error)), tracing.span("try"):
                raise error
    said = [span.status.description for span in recorded.named("try")]
    assert said == ["GitHub is away\\ud800", "KeyError"]


def test_work_that_messages_share_is_of_the_first_and_linked_with_the_others():
    messages = [{**MESSAGE, "ce-traceparent": f"00-{number:032x}-{SPAN}-01"} for number in range(1, 301)]
    with recording() as recorded, tracing.together("commit", messages):
        pass
    (commit,) = recorded.named("commit")
    first, *others = sorted(
        recorded.named("process commit.pushed.v1"), key=lambda span: span.context.trace_id
    )
    assert (commit.parent.span_id, commit.context.trace_id) == (first.context.span_id, 1)
    assert [link.context for link in commit.links] == [span.context for span in others][: tracing.MOST_LINKS]
    assert [[link.context for link in span.links] for span in others] == [[commit.context]] * 299


START = """
import sys
from devnexus import tracing
from devnexus.start import starting
with starting("service"):
    pass
"""


def run(script, **environment):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("OTEL_")}
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return done, lines, time.monotonic() - began


def test_nobody_pays_for_an_exporter_that_has_none():
    script = (
        START + "print([m for m in sys.modules if m.startswith(('opentelemetry.sdk', 'opentelemetry.exp'))])"
    )
    done, _, _ = run(script, TRACES="")
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("where", ["yes", "ftp://collector", "http://", "http://name:word@collector:4318"])
def test_a_place_that_cannot_be_one_stops_the_start(where):
    with pytest.raises(ConfigurationError, match="^TRACES: ") as refused:
        read_settings(Watching, {"TRACES": where})
    assert "word@" not in str(refused.value)


def test_google_without_credentials_stops_the_start(tmp_path):
    done, (*_, line), _ = run(
        START, TRACES="google", NO_GCE_CHECK="true", HOME=str(tmp_path), GOOGLE_APPLICATION_CREDENTIALS=""
    )
    assert done.returncode == 3
    assert line["message"].startswith("cannot start: TRACES=google needs the credentials of an account")


def test_google_is_told_by_the_services_own_account_which_project_the_spans_are_for():
    with Collector() as collector:
        script = (
            "import google.auth\nfrom google.oauth2.credentials import Credentials\n"
            "google.auth.default = lambda scopes: (Credentials('granted'), None)\n"
            "from devnexus import trace_export\n"
            f"trace_export._GOOGLES_ENDPOINT = '{collector.url}/v1/traces'\n"
            f"{START}\nwith tracing.span('told'): pass"
        )
        about = {"GOOGLE_CLOUD_PROJECT": "our-project", "K_REVISION": "service-00042-abc"}
        done, lines, _ = run(script, TRACES="google", **about)
    assert (done.returncode, lines, done.stderr) == (0, [], "")
    (span,) = collector.named("told")
    assert collector.headers[0]["authorization"] == "Bearer granted"
    assert span.process["gcp.project_id"] == "our-project"
    assert (span.service, span.process["service.version"]) == ("service", "service-00042-abc")


@pytest.mark.parametrize("listens", [True, False], ids=["hangs", "is away"])
def test_a_collector_that_takes_nothing_holds_nobody_up_and_is_complained_of_once(listens):
    script = (
        f"{START}\nimport time\nbegan = time.monotonic()\n"
        "for _ in range(5000):\n with tracing.span('one'): pass\n"
        "time.sleep(1)\nprint(time.monotonic() - began)\nended = time.monotonic()\n"
        "tracing.end()\nprint(time.monotonic() - ended)"
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = f"http://127.0.0.1:{server.getsockname()[1]}"
        if not listens:
            server.close()
        done, lines, _ = run(script, TRACES=where, OTEL_BSP_SCHEDULE_DELAY="10")
    working, ending = map(float, [line for line in done.stdout.splitlines() if line[0].isdigit()])
    assert done.returncode == 0 and done.stderr == ""
    assert working < 10 and ending < 3
    assert len(lines) <= 1
