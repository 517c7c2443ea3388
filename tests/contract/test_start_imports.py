"""What takes long to import, and few need, is not there when a service has been imported."""

import subprocess
import sys

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
