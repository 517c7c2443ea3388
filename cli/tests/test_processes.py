"""Processes that a command starts: what is said when one cannot go on."""

import sys

import pytest

from devnexus_cli.processes import Child, ChildDied

SCRIPT = (
    "import sys; from devnexus.start import starting; from devnexus.errors import ConfigurationError\n"
    'print(\'{"severity": "INFO", "message": "Booting"}\', flush=True)\n'
    "with starting('notifier'): raise ConfigurationError('ROUTES_FILE: no such channel')\n"
)


def end_of(log, script):
    """What is said of a child that runs `script`."""
    child = Child("notifier", [sys.executable, "-c", script], log=log)
    with pytest.raises(ChildDied) as died:
        child.wait_until(lambda: False, seconds=20)
    return str(died.value)


def test_of_a_service_that_cannot_start_the_reason_is_told_and_not_all_that_it_logged(tmp_path):
    said = end_of(tmp_path / "notifier.log", SCRIPT)
    assert "ended with status 3. cannot start: ROUTES_FILE: no such channel" in said
    assert "Booting" not in said


def test_what_an_earlier_run_logged_is_not_told_of_this_one(tmp_path):
    end_of(tmp_path / "notifier.log", SCRIPT)
    said = end_of(tmp_path / "notifier.log", "print('out of memory'); raise SystemExit(9)")
    assert "out of memory" in said and "ROUTES_FILE" not in said
