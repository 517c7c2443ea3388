"""From a push to what people and agents get of it, with every service as its own process."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from fakes.git_history import make_repository
from standardwebhooks import Webhook

from devnexus_cli.local_repository import newest_pushes, open_local
from devnexus_cli.replay import link_clones
from devnexus_cli.webhook import WebhookSender, push_payload

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
RETRY = (
    "import tenacity\n\n\n@tenacity.retry(wait=tenacity.wait_exponential(max=30))\ndef f():\n    return 1\n"
)


@pytest.fixture
def target(this_host):
    """An HTTP server that takes webhooks and remembers them."""
    taken = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append((dict(self.headers), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer((this_host, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.taken = taken
    yield server
    server.shutdown()


@pytest.fixture
def stack(tmp_path, start_stack, target, this_host):
    routes = tmp_path / "routes.yaml"
    url = f"http://{this_host}:{target.server_port}/hook"
    routes.write_text(
        f"targets:\n  team: {{channel: webhook, url: '{url}', secret: TEAM_SECRET}}\n"
        "  console: {channel: console}\nroutes:\n  - to: [team, console]\n"
    )
    told = {"ROUTES_FILE": str(routes), "TEAM_SECRET": SECRET}
    with start_stack(home=tmp_path / "home", repositories=tmp_path / "clones", **told) as stack:
        yield stack


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    return answer


def execute(stack, skill, **given):
    url = f"http://127.0.0.1:{stack.gateway_port}/a2a/execute"
    return requests.post(url, json={"skill_id": skill, "input": given}, timeout=10).json()


def test_a_pattern_that_a_push_introduces_is_told_once_and_can_be_asked_for(stack, tmp_path, target):
    make_repository(tmp_path / "svc", [{"a.py": "x = 1\n"}, {"b.py": "y = 2\n"}, {"client.py": RETRY}])
    repository = open_local(tmp_path / "svc")
    link_clones([repository], tmp_path / "clones")
    sender = WebhookSender(port=stack.webhook_port, secret=stack.secret)
    pushes = newest_pushes(repository, 10)
    for push in pushes[:2]:
        sender.push(push_payload(repository, push))
    until(lambda: execute(stack, "get_repository_list")["total_count"] == 1)
    sender.push(push_payload(repository, pushes[2]))
    sender.push(push_payload(repository, pushes[2]))  # GitHub delivers it again

    until(lambda: execute(stack, "query_patterns", patterns=["Retry with backoff"])["matches"])
    until(lambda: target.taken)
    told = until(lambda: [line for line in log(stack) if "Retry with backoff" in line["message"]])
    sender.close()

    headers, body = target.taken[0]
    payload = Webhook(SECRET).verify(body, headers)
    assert payload["data"]["repository"]["name"] == "local/svc"
    assert [change["name"] for change in payload["data"]["introduced"]] == ["Retry with backoff"]
    assert len(told) == 1
    assert len({headers["webhook-id"] for headers, _ in target.taken}) == len(target.taken)
    assert sum(b"Retry with backoff" in body for _, body in target.taken) == 1


def log(stack):
    lines = stack.log("notifier").read_text().splitlines()
    return [json.loads(line) for line in lines if "delivery_id" in line and '"repository"' in line]
