"""When an answer was given, and how long that took: callers read both in each answer and each refusal."""

import time
from datetime import UTC, datetime

from devnexus.timestamps import write


def stamp(started: float | None = None) -> dict[str, object]:
    """The two fields; `started` by `time.perf_counter()`, None for what takes no time."""
    took = 0.0 if started is None else time.perf_counter() - started
    return {"timestamp": write(datetime.now(UTC)), "execution_time_ms": round(took * 1000)}
