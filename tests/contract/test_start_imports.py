"""What services do at their start, and what they leave for later."""

import gc
import subprocess
import sys
from importlib import import_module

import pytest

RARE = (
    *("anthropic", "apprise", "github", "google.cloud.secretmanager", "opentelemetry.sdk"),
    *("prometheus_client", "psycopg"),
)
SERVICES = ("webhook_receiver", "extractor", "kb_writer", "similarity", "notifier", "a2a_gateway")
MORE = {
    "notifier": "; notifier.main.load_kinds()",
    "a2a_gateway": "; a2a_gateway.main.load_skills()",
}
"""Service → what else it imports at its start."""


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_imports_at_its_start_nothing_that_few_need(service):
    program = f"import sys, {service}.main{MORE.get(service, '')}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60
    )

    assert not {*RARE} & {*done.stdout.split()}


@pytest.mark.parametrize("package", ["devnexus", "extractor", "a2a_gateway"])
def test_garbage_is_collected_again_once_a_service_is_made(package, monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    settings = import_module(f"{package}.gunicorn_settings")
    settings.post_fork(None, None)
    assert not gc.isenabled()

    settings.post_worker_init(None)

    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    gc.unfreeze()
