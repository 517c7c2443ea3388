"""The rollout, run as Cloud Build runs it, against a gcloud that keeps state and fails when it is told to."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from gcloud_stand_in import NotFound, perform

from devnexus.topology import load_topology
from rollout.__main__ import main
from rollout.cloud_run import CloudRun, Version
from rollout.errors import Failed, Interrupted
from rollout.gcloud import Gcloud
from rollout.parts import CONSUMERS_FIRST, Kind, targets
from rollout.rollout import Rollout
from rollout.smoke import Smoke

ROOT = Path(__file__).parents[2]
SERVICES = yaml.safe_load((ROOT / "infra/services.yaml").read_text())["services"]
NAMES = [part.name for part in CONSUMERS_FIRST]
COMMIT = "0123456789abcdef0123456789abcdef01234567"
ACCOUNT = "nexus-smoke@p.iam.gserviceaccount.com"


class Site(BaseHTTPRequestHandler):
    """Answers as the revisions do: /<revision>/<path>."""

    def do_GET(self):
        self.answer()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == f"/v1/projects/-/serviceAccounts/{ACCOUNT}:generateIdToken":
            allowed = self.headers["Authorization"] == "Bearer access of the deployer"
            audience = json.loads(body)["audience"]
            self.send(200 if allowed else 403, json.dumps({"token": f"token for {audience}"}).encode())
        else:
            self.answer()

    def answer(self):
        _, revision, path = self.path.split("/", 2)
        name = next(name for name in NAMES if revision.startswith(name))
        status, body = self.told(name, path) if not self.server.sick(revision) else (503, b"unwell")
        self.server.asked.append((revision, path, status))
        self.send(status, body)

    def send(self, status, body):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def told(self, name, path):
        mine = self.headers.get("Authorization") == f"Bearer token for https://{name}.dev-nexus.internal"
        match name, path:
            case _, "webhooks/github":
                return (200 if self.server.careless else 401), b""
            case "a2a-gateway", "skills/get_repository_list":
                return (200, b'{"revision": "c0ffee"}') if mine else (401, b"")
            case (("webhook-receiver" | "a2a-gateway"), "health"):
                return 200, b"{}"
            case _, "health":
                return (200, b"{}") if mine else (403, b"")
            case _, "events":
                return 403, b""

    def log_message(self, *_):
        pass


class InProcess(Gcloud):
    """The stand-in for gcloud, without a process for each command."""

    def __init__(self, world):
        super().__init__("p")
        self._world = world

    def run(self, *words):
        state = self._world.state()
        try:
            how, answer = perform(state, words)
        except NotFound as problem:
            raise Failed(str(problem)) from problem
        self._world.put(**state)
        if how:
            raise Interrupted("SIGTERM") if how == "ends us" else Failed("as it was told to")
        return answer if isinstance(answer, str) else json.dumps(answer)


class World:
    """A project in which everything serves revision `…-old`, and what became of it."""

    def __init__(self, folder, server):
        self.folder, self.server = folder, server
        self.file = folder / "state.json"
        self.address = f"http://127.0.0.1:{server.server_port}"
        server.sick = lambda revision: any(one in revision for one in self.state()["sick"])
        server.asked, server.careless = [], False
        (folder / "gcloud").write_text(
            f'#!/bin/sh\nexec "{sys.executable}" -I -S "{Path(__file__).parent}/gcloud_stand_in.py" "$@"\n'
        )
        (folder / "gcloud").chmod(0o755)
        self.begin()

    def begin(self):
        """As before anything was rolled out."""
        self.put(
            run={
                f"{name} here": {
                    "pool": SERVICES[name]["runs_as"] == "worker-pool",
                    "revisions": [f"{name}-old"],
                    "shares": {f"{name}-old": 100},
                    "latest": f"{name}-old",
                    "image": "before",
                    "tags": {},
                    "ingress": "all",
                    "follows_latest": True,  # as Terraform leaves it
                }
                for name in NAMES
            },
            address=self.address,
            **{"digest": "1" * 64, "calls": [], "moves": [], "fail": {}, "always": [], "sick": []},
        )

    def state(self):
        return json.loads(self.file.read_text())

    def put(self, **changes):
        self.file.write_text(json.dumps({**(self.state() if self.file.exists() else {}), **changes}))

    def start(self, patience):
        """The rollout as a process of its own, as Cloud Build runs it."""
        words = [sys.executable, "-m", "rollout", "--project=p", "--region=here", f"--commit={COMMIT}"]
        return subprocess.Popen(
            [
                *words,
                f"--account={ACCOUNT}",
                "--run=abc123",
                f"--patience={patience}",
                f"--iam={self.address}",
            ],
            cwd=ROOT / "infra",
            env={"PATH": f"{self.folder}:{os.environ['PATH']}", "GCLOUD_STATE": str(self.file)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def roll_out(self, run="abc123", **how):
        """The same in this process: what it said, and what ended it."""
        told, gcloud = [], InProcess(self)
        smoke = Smoke(gcloud, account=ACCOUNT, patience_seconds=0, iam=self.address)
        version = Version(COMMIT, run, "here-docker.pkg.dev/p/dev-nexus")
        try:
            Rollout(targets("here", None), version, cloud=CloudRun(gcloud), smoke=smoke, say=told.append).run(
                **how
            )
        except (Failed, Interrupted) as problem:
            return problem, "\n".join(told)
        return None, "\n".join(told)

    def shares(self):
        return {key.split()[0]: one["shares"] for key, one in self.state()["run"].items()}

    def tags(self):
        return [tag for one in self.state()["run"].values() for tag in one["tags"]]


OLD = {name: {f"{name}-old": 100} for name in NAMES}
NEW = {name: {f"{name}-{COMMIT[:7]}-abc123": 100} for name in NAMES}
DEPLOYS = ("run deploy", "run worker-pools deploy")


@pytest.fixture
def world(tmp_path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield World(tmp_path, server)
    server.shutdown()
    thread.join()
    server.server_close()


def wait_for_a_failing_test(world, process):
    while not any(status == 503 for *_, status in world.server.asked):
        assert process.poll() is None
        time.sleep(0.01)


def test_a_version_that_passes_gets_the_traffic_consumers_first_and_only_after_every_test(world):
    process = world.start(patience=30)
    told, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert (world.shares(), world.tags()) == (NEW, [])
    assert [name for name, _ in world.state()["moves"]] == NAMES
    calls = world.state()["calls"]
    deployed = [number for number, call in enumerate(calls) if call.startswith(DEPLOYS)]
    moved = [number for number, call in enumerate(calls) if " update-" in call]
    assert len(deployed) == 6 and max(deployed) < min(moved)
    assert all(one["image"].endswith(f"@sha256:{'1' * 64}") for one in world.state()["run"].values())
    assert f"DONE: {COMMIT[:7]} serves" in told


def test_sigterm_in_the_middle_of_a_command_rolls_back(world):
    world.put(fail={"update-traffic similarity": "ends us"})
    process = world.start(patience=30)
    told, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (1, "")
    assert (world.shares(), world.tags()) == (OLD, [])
    assert "FAILED: interrupted: SIGTERM" in told and "ROLLED BACK" in told


def test_sigterm_while_a_test_is_waiting_rolls_back_at_once(world):
    world.put(sick=["notifier-0123456"])
    process = world.start(patience=600)
    wait_for_a_failing_test(world, process)
    process.send_signal(signal.SIGTERM)
    told, _ = process.communicate(timeout=60)
    assert (process.returncode, world.shares(), world.tags()) == (1, OLD, [])
    assert "FAILED: interrupted: SIGTERM" in told


def test_what_cannot_be_rolled_back_is_said_with_the_command_for_it(world):
    back = "update-traffic similarity --region=here --to-revisions=similarity-old=100"
    world.put(fail={"worker-pools update-instance-split": "fails", back: "fails"}, always=[back])
    process = world.start(patience=0)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 3
    assert f"  gcloud run services {back}" in told
    assert world.shares() == {**OLD, "similarity": NEW["similarity"]}


def test_a_second_run_finds_nothing_to_do_until_the_image_or_the_configuration_is_another(world):
    world.roll_out()
    moves = len(world.state()["moves"])
    problem, told = world.roll_out(run="def456")
    assert (problem, len(world.state()["moves"])) == (None, moves)
    assert "nothing, it did already" in told
    assert world.roll_out(run="0a1b2c", anew=True)[0] is None
    assert len(world.state()["moves"]) == 2 * moves
    state = world.state()
    state["run"]["similarity here"]["latest"] = "similarity-by-terraform"
    world.put(run=state["run"])
    assert world.roll_out(run="fed789")[0] is None
    again = {name: {f"{name}-{COMMIT[:7]}-0a1b2c": 100} for name in NAMES}
    assert world.shares() == {**again, "similarity": {f"similarity-{COMMIT[:7]}-fed789": 100}}


@pytest.mark.parametrize("how", ["fails", "fails late", "ends us"])
@pytest.mark.parametrize("kind", ["deploy", "update-", "logging", "auth", "describe extractor --region"])
def test_whatever_fails_or_ends_the_run_everything_serves_what_it_served(world, kind, how):
    world.roll_out()
    commands = [call for call in world.state()["calls"] if kind in call]
    for command in dict.fromkeys(commands):
        world.begin()
        world.put(fail={command: how})
        problem, told = world.roll_out()
        assert (world.shares(), world.tags()) == (OLD, []), command
        assert isinstance(problem, Interrupted if how == "ends us" else Failed), command
        assert "ROLLED BACK" in told or not world.state()["moves"]


@pytest.mark.parametrize("sick", NAMES)
def test_a_revision_that_fails_its_test_never_gets_traffic_and_takes_the_others_back(world, sick):
    world.put(sick=[f"{sick}-{COMMIT[:7]}"])
    problem, _ = world.roll_out()
    assert sick in str(problem)
    assert (world.shares(), world.tags()) == (OLD, [])
    moved = [name for name, shares in world.state()["moves"] if shares == NEW[name]]
    assert moved == (
        NAMES[: NAMES.index(sick) + 1] if sick == "kb-writer" else []
    )  # it has no address to ask


def test_a_way_back_that_gcloud_calls_a_failure_since_the_newest_revision_is_bad_is_one_all_the_same(world):
    back = "update-traffic notifier --region=here --to-revisions=notifier-old=100"
    world.put(fail={back: "fails late"}, always=[back], sick=[f"notifier-{COMMIT[:7]}"])
    _, told = world.roll_out()
    assert (world.shares(), world.tags()) == (OLD, [])
    assert "notifier (here): back to notifier-old 100 %" in told and "\nROLLED BACK" in told


def test_the_way_back_takes_producers_before_consumers(world):
    world.put(fail={"update-traffic a2a-gateway": "fails"})
    world.roll_out()
    assert [name for name, shares in world.state()["moves"] if shares == OLD[name]] == [*reversed(NAMES)]


def test_a_receiver_that_takes_any_signature_is_not_let_in(world):
    world.server.careless = True
    problem, _ = world.roll_out()
    assert "refuses a webhook with a wrong signature" in str(problem)
    assert world.shares() == OLD


def test_traffic_that_somebody_else_moved_meanwhile_is_left_to_them(world):
    state = world.state()
    theirs = state["run"]["extractor here"]
    theirs["revisions"].append("extractor-theirs")
    world.put(run=state["run"])

    def move(revision):
        if revision.startswith("a2a-gateway"):  # the last that is tested before anything gets traffic
            state = world.state()
            state["run"]["extractor here"]["shares"] = {"extractor-theirs": 100}
            world.put(run=state["run"])
        return False

    world.server.sick = move
    problem, told = world.roll_out()
    assert "somebody else moved traffic" in str(problem) and "left alone" in told
    assert world.shares() == {**OLD, "extractor": {"extractor-theirs": 100}}


def test_what_only_pub_sub_reaches_is_not_asked_and_what_a_load_balancer_fronts_is_asked_there(world):
    state = world.state()
    for key, one in state["run"].items():
        front = key.startswith(("webhook-receiver", "a2a-gateway"))
        one["ingress"] = "internal-and-cloud-load-balancing" if front else "internal"
    world.put(run=state["run"])
    problem, told = world.roll_out(public_url=f"{state['address']}/a2a-gateway-or-webhook-receiver")
    assert (problem, world.shares()) == (None, NEW)
    assert [path for _, path, _ in world.server.asked] == [
        "webhooks/github",
        "health",
        "skills/get_repository_list",
    ]
    assert "similarity (here): Cloud Run found it healthy" in told


def test_a_part_that_terraform_has_not_made_is_not_deployed_and_nothing_else_is(world):
    state = world.state()
    del state["run"]["notifier here"]
    world.put(run=state["run"])
    problem, _ = world.roll_out()
    assert "Cannot find notifier" in str(problem)
    assert not any(call.startswith(DEPLOYS) for call in world.state()["calls"])


def test_the_order_has_every_consumer_before_its_producers():
    consumers = {one.topic: one.push or "kb-writer" for one in load_topology().subscriptions}
    for name, service in SERVICES.items():
        for role in service["roles"]:
            topic = role["target"].get("topic") if isinstance(role["target"], dict) else None
            if topic in consumers and consumers[topic] != name:
                assert NAMES.index(consumers[topic]) < NAMES.index(name), topic


def test_everything_in_services_yaml_is_rolled_out_as_what_it_runs_as():
    kinds = {"service": Kind.SERVICE, "worker-pool": Kind.WORKER_POOL}
    assert {part.name: part.kind for part in CONSUMERS_FIRST} == {
        name: kinds[service["runs_as"]] for name, service in SERVICES.items()
    }
    for part in CONSUMERS_FIRST:
        audience = SERVICES[part.name]["environment"].get("AUDIENCE", "$")
        assert audience.startswith("$") or audience == part.audience


def test_a_second_region_gets_what_the_internet_calls():
    there = [target.part.name for target in targets("here", "there") if target.region == "there"]
    assert (
        there == [name for name in NAMES if "open" in SERVICES[name]] == ["webhook-receiver", "a2a-gateway"]
    )


def test_the_writer_logs_what_its_rollout_waits_for():
    assert '_log.info("ready")' in (ROOT / "services/kb-writer/kb_writer/main.py").read_text()


def test_the_rollout_needs_nothing_but_python():
    code = "import sys, rollout.__main__; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=ROOT / "infra", check=True, capture_output=True, text=True
    )
    assert set(done.stdout.split()) - sys.stdlib_module_names <= {"rollout", "__main__"}


def test_the_command_of_the_page_on_deployment_is_understood(monkeypatch, capsys):
    page = (ROOT / "docs/deployment.md").read_text().replace("\\\n", "")
    command = page.partition("python3 -m rollout ")[2].partition("\n")[0].replace("<commit>", COMMIT)
    monkeypatch.setattr(sys, "argv", ["rollout", *command.split(), "--deploy=no"])
    assert main() == 0
    assert "Nothing is deployed" in capsys.readouterr().out
