"""Logs: one JSON object per line, with the fields of the block it was written in."""

import json
import logging

import pytest

from devnexus import logs
from devnexus.errors import ConfigurationError
from devnexus.start import CANNOT_START, starting


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_carries_the_fields_of_its_block_and_its_own(capsys):
    logs.configure("service")
    with logs.fields(event_id="e1"):
        logging.getLogger("x").info("hello %s", "world", extra={"duration_ms": 3})
    logging.getLogger("x").info("after")
    inside, after = lines(capsys)
    assert inside["message"] == "hello world"
    assert (inside["severity"], inside["service"], inside["event_id"], inside["duration_ms"]) == (
        "INFO",
        "service",
        "e1",
        3,
    )
    assert "event_id" not in after


def test_a_traceback_stays_in_one_line(capsys):
    logs.configure("service")
    try:
        raise KeyError("x")
    except KeyError:
        logging.getLogger("x").exception("failed")
    (line,) = lines(capsys)
    assert "KeyError" in line["stack_trace"] and "\n" in line["stack_trace"]


def test_a_process_that_cannot_start_says_why_in_one_line_and_ends(capsys):
    with pytest.raises(SystemExit) as ended, starting("service"):
        raise ConfigurationError("PORT is not set")
    assert ended.value.code == CANNOT_START
    (line,) = lines(capsys)
    assert (line["severity"], line["message"]) == ("CRITICAL", "cannot start: PORT is not set")
