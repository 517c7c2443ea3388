"""Metrics of services at work: what Prometheus is told is what the log says, and all of it moves."""

import json
import re
import time
import uuid

import pytest
import requests
from fakes.anthropic_refusals import KEY
from fakes.anthropic_server import FakeClaude
from fakes.git_history import make_repository
from fakes.knowledge import make_store
from prometheus_client.parser import text_string_to_metric_families

from devnexus.metrics import load_metrics
from devnexus_cli.local_repository import newest_pushes, open_local
from devnexus_cli.replay import link_clones
from devnexus_cli.stack import COMMANDS, Stack
from devnexus_cli.webhook import WebhookSender, push_payload

METRICS = load_metrics().metrics
ELSEWHERE = {"devnexus_commit_conflicts_total", "devnexus_given_back_total"}
"""What only rivals and outages move: services/kb-writer/tests/test_consume.py."""

RETRY = "import tenacity\n\n\n@tenacity.retry(wait=tenacity.wait_exponential(max=30))\ndef f():\n    pass\n"
SECRET = 'token = "ghp_{}"\n'.format("a1B2" * 9)
DUPLICATE = {("kb-writer", "patterns.extracted.v1", "duplicate")}
HISTORY = [{"a.py": "x = 1\n"}, {"settings.py": SECRET}, {"client.py": RETRY}]


def says(asked):
    """Nothing of interest, of every file."""
    files = re.findall(r'^File (\d+): ".*\.py"', asked.material, re.MULTILINE)
    nothing = {"patterns": [], "decisions": [], "components": []}
    return {"files": [{"file": int(number), **nothing} for number in files]}


@pytest.fixture(scope="module")
def stack(tmp_path_factory, pubsub):
    """The services, after three pushes, two messages that nobody can read, and three calls of skills."""
    folder = tmp_path_factory.mktemp("metrics")
    home = folder / "home"
    make_repository(folder / "svc", HISTORY)
    clone = open_local(folder / "svc")
    link_clones([clone], home / "clones")
    store = make_store(home / "knowledge.git")
    lets = b'claude: {repositories: ["local/*"]}\n'
    store.commit({"devnexus.yaml": lets}, message="people", expected_head=store.head())
    store.close()
    project = f"metrics-{uuid.uuid4().hex[:8]}"
    with pytest.MonkeyPatch.context() as environment, FakeClaude(says) as claude:
        environment.setenv("ANTHROPIC_API_KEY", KEY)
        environment.setenv("ANTHROPIC_BASE_URL", claude.url)
        made = Stack(
            home=home, repositories=home / "clones", pubsub=pubsub, project=project, with_metrics=True
        )
        with made as stack:
            work(stack, clone)
            yield stack


def work(stack, clone):
    sender = WebhookSender(port=stack.webhook_port, secret=stack.secret)
    for push in newest_pushes(clone, 10):
        sender.push(push_payload(clone, push))
    sender.push(push_payload(clone, push))  # GitHub delivers it again
    sender.close()
    publisher = stack.publisher("/test")
    for topic in ("commit-pushed", "knowledge-changes"):
        publisher.send(topic, b"{", {"ce-type": f"made.up.{uuid.uuid4().hex}", "ce-id": "x"})
    publisher.close()
    for skill in ("get_repository_list", "query_patterns", f"made-up-{uuid.uuid4().hex}"):
        requests.post(f"http://127.0.0.1:{stack.gateway_port}/skills/{skill}", json={}, timeout=10)
    ask_to_be_told(f"http://127.0.0.1:{stack.gateway_port}/a2a/v1/message:send")
    until = time.monotonic() + 60
    while unmoved := sorted(expected() - moved(stack)) or not DUPLICATE <= answers(stack):
        stack.check()
        assert time.monotonic() < until, unmoved
        time.sleep(0.2)


def ask_to_be_told(url):
    """Of a task, at an address that there is not."""
    message = {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": "hello"}]}
    receiver = {"url": "https://no-such-host.invalid/"}
    body = {"message": message, "configuration": {"taskPushNotificationConfig": receiver}}
    requests.post(url, json=body, headers={"A2A-Version": "1.0"}, timeout=10).raise_for_status()


def expected():
    return {metric.name for metric in METRICS} - ELSEWHERE


def scraped(stack):
    """(service, name of the sample, its labels, value), for every sample of every service."""
    return [
        (service, sample.name, sample.labels, sample.value)
        for service, url in stack.running.metrics.items()
        for family in text_string_to_metric_families(requests.get(url, timeout=10).text)
        for sample in family.samples
    ]


def moved(stack):
    """What is above nothing, and each gauge that was told: nothing is what it says where all is well."""
    told = {metric.name for metric in METRICS if metric.kind == "gauge" and any(lines(stack, metric))}
    return told | {name.removesuffix("_count") for _, name, _, value in scraped(stack) if value > 0}


def answers(stack):
    """(service, type, outcome) of the events that were answered."""
    return {
        (service, labels["event_type"], labels["outcome"])
        for service, name, labels, _ in scraped(stack)
        if name == "devnexus_events_total"
    }


def lines(stack, metric):
    """The lines that a metric is made of."""
    for service in COMMANDS:
        for text in stack.log(service).read_text().splitlines():
            line = json.loads(text)
            if (line.get("logger"), line.get("message")) == (metric.logger, metric.message):
                yield line


def differing(stack):
    """The counters that say something else than the log: (what Prometheus is told, what the log says)."""
    told = scraped(stack)
    found = {}
    for metric in (metric for metric in METRICS if metric.kind == "counter"):
        by_log = sum(1 if metric.value is None else line[metric.value] for line in lines(stack, metric))
        counted = sum(value for _, name, _, value in told if name == metric.name)
        if counted != pytest.approx(by_log):
            found[metric.name] = (counted, by_log)
    return found


def test_what_prometheus_is_told_is_what_the_log_says(stack):
    until = time.monotonic() + 20
    while found := differing(stack):  # something may be said between the two looks
        assert time.monotonic() < until, found
        time.sleep(0.5)


def test_no_line_lacks_what_its_metrics_take_from_it(stack):
    for metric in METRICS:
        for line in lines(stack, metric):
            assert all(isinstance(line[label], str) and line[label] for label in metric.labels), line
            if metric.value:
                assert isinstance(line[metric.value], int | float), line


def test_outcomes_are_told_apart_and_what_strangers_make_up_is_other(stack):
    assert {
        ("extractor", "commit.pushed.v1", "handled"),
        ("kb-writer", "patterns.extracted.v1", "handled"),
        *DUPLICATE,
        ("extractor", "other", "parked"),
        ("kb-writer", "other", "parked"),
        ("similarity", "knowledge.committed.v1", "handled"),
    } <= answers(stack)
    called = {
        (labels["skill"], labels["outcome"])
        for _, name, labels, _ in scraped(stack)
        if name == "devnexus_skill_calls_total"
    }
    assert {("get_repository_list", "answered"), ("other", "refused")} <= called


def test_the_public_ports_tell_nobody(stack):
    for url in stack.running.services.values():
        answer = requests.get(f"{url}/metrics", timeout=10)
        assert answer.status_code in {401, 404} and "devnexus_" not in answer.text
