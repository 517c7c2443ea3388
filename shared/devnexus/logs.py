"""One JSON object per line on stdout, as Cloud Logging reads it, with the event's id on each line.

Fields: https://cloud.google.com/logging/docs/structured-logging
"""

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_fields: ContextVar[dict[str, object]] = ContextVar("log_fields", default={})  # noqa: B039 - never mutated
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class OneLine(logging.Formatter):
    """Formats a record as one line of JSON."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "severity": record.levelname,
            "message": record.getMessage(),
            "time": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
            "service": self._service,
            "logger": record.name,
            **_fields.get(),
            **{key: value for key, value in vars(record).items() if key not in _OWN},
        }
        if record.exc_info:
            entry["stack_trace"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(entry, default=str, ensure_ascii=False)


def configure(service: str) -> None:
    """Send every log record of this process to stdout, one JSON object per line."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(OneLine(service))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


@contextmanager
def fields(**values: object) -> Iterator[None]:
    """Put these fields on every line logged inside the block, in this thread or task."""
    token = _fields.set({**_fields.get(), **values})
    try:
        yield
    finally:
        _fields.reset(token)
