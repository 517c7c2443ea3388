"""Whether A2A's SDK makes its spans, some hundred for each message, is settled when it is first imported."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("imported", "traces", "made"),
    [
        ("a2a_gateway.main", "", "False"),
        ("a2a_gateway.protocol", "http://collector:4318", "True"),
    ],
)
def test_the_sdk_makes_spans_only_where_traces_go_somewhere(imported, traces, made):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    asked = f"import {imported}; from a2a.utils import telemetry; print(telemetry.otel_enabled)"
    told = subprocess.run(
        [sys.executable, "-c", asked], env={**environment, "TRACES": traces}, capture_output=True, text=True
    )
    assert told.stdout.strip() == made, told.stderr
