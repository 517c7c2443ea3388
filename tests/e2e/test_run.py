"""`devnexus run` as a person meets it: what it prints, how it ends, and that it leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest
import requests
from fakes.anthropic_refusals import KEY
from fakes.anthropic_server import FakeClaude
from fakes.git_history import make_repository, service_history
from fakes.knowledge import make_store

from devnexus_cli.ports import free_port

LETS = b'claude: {repositories: ["local/*"]}\n'


@pytest.fixture
def service(tmp_path):
    make_repository(tmp_path / "svc", [*service_history(8), {"uv.lock": "x"}])
    return tmp_path / "svc"


def start(home, *, once=True, port=None, gateway_port=None, demo=None, repositories):
    environment = {
        **os.environ,
        "REPOS": str(repositories),
        "WEBHOOK_PORT": str(port or free_port()),
        "GATEWAY_PORT": str(gateway_port or free_port()),
        "ONCE": "1" if once else "",
    }
    environment.pop("PUBSUB_EMULATOR_HOST", None)
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "devnexus_cli.main", "run", "--home", home),
            *(("--demo", demo) if demo else ()),
        ],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process):
    output, _ = process.communicate(timeout=60)
    return process.returncode, output


def processes_of(home):
    """The processes whose environment names this home."""
    found = []
    for process in psutil.process_iter():
        try:
            if any(str(home) in value for value in process.environ().values()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_a_run_ends_in_a_summary_and_a_second_one_continues(tmp_path, service):
    status, output = finish(start(tmp_path / "home", repositories=service))
    assert status == 0, output
    assert "9 pushes → 10 records, 1 snapshot among them" in output
    assert "(0 lost, 0 duplicates ignored, 0 likely secrets redacted)" in output
    assert "local/svc   A service · Python, 5 files of code" in output
    assert "Retry with backoff" in output and "src/client" in output
    assert "not looked at: 1 × lock file (uv.lock)" in output
    assert "Update KB: " in output
    assert "(read by rules, no Claude key)" in output
    status, output = finish(start(tmp_path / "home", repositories=f" {service} ,"))
    assert status == 0, output
    assert "10 known from an earlier run" in output


def test_with_a_key_a_run_says_what_claude_read_for_how_much_and_why_not_the_rest(
    tmp_path, service, monkeypatch
):
    store = make_store(tmp_path / "home" / "knowledge.git")
    store.commit({"devnexus.yaml": LETS}, message="people", expected_head=store.head())
    store.close()
    with FakeClaude(lambda _: {"files": []}) as claude:
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", claude.url)
        status, output = finish(start(tmp_path / "home", repositories=service))
    assert status == 0, output
    found = re.search(r"claude-sonnet-5-5 (\d+) of 9 pushes and snapshots, for (\d\.\d{4}) USD", output)
    assert found and int(found[1]) >= 8 and float(found[2]) > 0, output
    assert "1 not: it waits for a batch" in output
    assert KEY not in output


def test_a_port_in_use_is_said_with_the_way_out(tmp_path, service):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        status, output = finish(start(tmp_path / "home", port=taken.getsockname()[1], repositories=service))
    assert status == 1
    assert "is in use" in output and "WEBHOOK_PORT=" in output and "Traceback" not in output


def test_what_a_run_has_learned_is_shown_at_the_gateway(tmp_path, service):
    port = free_port()
    process = start(tmp_path / "home", once=False, gateway_port=port, repositories=service)
    while "Serving" not in process.stdout.readline():
        pass
    page, until = "", time.monotonic() + 10
    while "Retry with backoff" not in page and time.monotonic() < until:  # it follows within a second
        page = requests.get(f"http://127.0.0.1:{port}/", headers={"Accept": "text/html"}, timeout=10).text
        time.sleep(0.2)
    process.terminate()
    assert finish(process)[0] == 130
    assert "local/svc" in page and "Retry with backoff" in page


def test_a_second_run_on_one_home_is_refused_and_the_first_goes_on(tmp_path, service):
    first = start(tmp_path / "home", once=False, repositories=service)
    while "Serving" not in first.stdout.readline():
        pass
    status, output = finish(start(tmp_path / "home", repositories=service))
    assert (status, "another run uses" in output) == (1, True)
    assert first.poll() is None
    first.terminate()
    assert finish(first)[0] == 130


def test_a_proxy_in_the_environment_is_not_asked_for_this_machine(tmp_path, service, monkeypatch):
    for name in ("http_proxy", "https_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    status, output = finish(start(tmp_path / "home", repositories=service))
    assert status == 0, output


def test_a_home_that_cannot_be_is_named(tmp_path, service):
    (tmp_path / "home").write_text("a file")
    status, output = finish(start(tmp_path / "home", repositories=service))
    assert status == 1
    assert str(tmp_path / "home") in output and "Traceback" not in output


def test_a_folder_that_is_no_demo_is_named_with_the_way_out(tmp_path):
    process = start(tmp_path / "home", repositories="", demo=tmp_path / "none")
    status, output = finish(process)
    assert status == 1
    assert "REPOS=" in output and "Traceback" not in output


def test_a_path_that_is_no_repository_is_named(tmp_path):
    status, output = finish(start(tmp_path / "home", repositories=tmp_path / "none"))
    assert status == 1
    assert "there is no such folder" in output and "Traceback" not in output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("when", ["Starting", "Serving"])
def test_a_run_that_is_interrupted_ends_all_its_children(tmp_path, service, number, when):
    home = tmp_path / "home"
    process = start(home, once=False, repositories=service)
    printed = ""
    while when not in printed:
        printed += process.stdout.readline()
    if when == "Starting":
        time.sleep(0.7)  # somewhere in the middle of it
    process.send_signal(number)
    time.sleep(0.1)
    process.send_signal(number)  # impatient
    status, rest = finish(process)
    assert status == 130
    assert "Traceback" not in printed + rest
    assert processes_of(home) == []


def test_a_pubsub_that_dies_ends_the_run(tmp_path, service):
    home = tmp_path / "home"
    process = start(home, once=False, repositories=service)
    while "Serving" not in process.stdout.readline():
        pass
    (pubsub,) = (
        child for child in psutil.Process(process.pid).children() if "embedded_pubsub" in str(child.cmdline())
    )
    pubsub.kill()
    status, output = finish(process)
    assert status == 1
    assert "no longer answers" in output
    assert processes_of(home) == []


def test_a_child_that_dies_ends_the_run_with_the_end_of_its_log(tmp_path, service):
    home = tmp_path / "home"
    process = start(home, once=False, repositories=service)
    while "Serving" not in process.stdout.readline():
        pass
    (writer,) = (child for child in processes_of(home) if "kb_writer" in child.cmdline())
    writer.kill()
    status, output = finish(process)
    assert status == 1
    assert "kb-writer ended with status -9" in output and "event answered" in output
    assert processes_of(home) == []
