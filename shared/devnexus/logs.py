"""One JSON object per line on stdout, as Cloud Logging reads it, with the event's id and trace on each line.

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

from devnexus import trace_context

_fields: ContextVar[dict[str, object]] = ContextVar("log_fields", default={})  # noqa: B039 - never mutated
_SEVERITIES = frozenset({"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"})
"""Of Python's levels, those that are Cloud Logging's, too."""

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class OneLine(logging.Formatter):
    """Formats a record as one line of JSON."""

    def __init__(self, service: str, project: str = "") -> None:
        super().__init__()
        self._service = service
        self._traces = f"projects/{project}/traces/" if project else ""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "severity": record.levelname if record.levelname in _SEVERITIES else "DEFAULT",
            "message": record.getMessage(),
            "time": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
            "service": self._service,
            "logger": record.name,
            **self._trace(),
            **_fields.get(),
            **{key: value for key, value in vars(record).items() if key not in _OWN},
        }
        if record.exc_info:
            entry["stack_trace"] = "".join(traceback.format_exception(*record.exc_info))
        line = json.dumps(entry, default=str, ensure_ascii=False)
        # half of a surrogate pair, as a file name in git may hold, is no UTF-8: it goes out escaped
        return line if _is_utf_8(line) else json.dumps(entry, default=str)

    def _trace(self) -> dict[str, object]:
        here = trace_context.here()
        if here is None:
            return {}
        return {
            "logging.googleapis.com/trace": f"{self._traces}{here.trace_id}",
            "logging.googleapis.com/spanId": here.span_id,
            "logging.googleapis.com/trace_sampled": here.is_sampled,
        }


def _is_utf_8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def configure(service: str, *, project: str = "") -> None:
    """Send every log record of this process to stdout, one JSON object per line; traces are of `project`."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(OneLine(service, project))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


@contextmanager
def fields(**values: object) -> Iterator[None]:
    """Put these fields on every line logged inside the block, in this thread or task."""
    token = _fields.set({**_fields.get(), **values})
    try:
        yield
    finally:
        _fields.reset(token)
