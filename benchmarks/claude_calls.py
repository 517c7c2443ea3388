"""How fast questions to Claude are claimed and their answers kept: what the store adds to a call of seconds.

    python benchmarks/claude_calls.py [--json] [--database postgresql://…] [--calls 400]

Without `--database` a new SQLite file; one that is named must be empty. Measured are one thread that claims
calls and keeps the answers of four pieces each, eight threads that do so at once, and looking up a thousand
digests in one that knows them all. The baseline in the same run is a transaction that writes one row.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from devnexus.state import create_tables, open_state, transaction
from extractor.claude.calls import Call, Claimed, Known, Limits
from extractor.claude.request import Usage
from extractor.claude.said import Said, SaidPattern
from extractor.claude.sql_calls import SqlCalls
from extractor.claude.sql_tables import BATCHES, CLAUDE_TABLES

_THREADS = 8
_LOOK_UPS = 50
_DIGESTS = 1_000
_REPOSITORY, _READER = "github.com/1", "claude:claude-sonnet-5-5:1"
_AMPLE = Limits(per_day=1_000_000, per_repository=1_000_000)
_NOW = datetime(2026, 11, 28, tzinfo=UTC)
_SAID = Known(Said(patterns=(SaidPattern(name="retry-backoff", quote="@retry(stop=stop_after_attempt(3))"),)))

Figures = dict[str, float]


def main() -> None:
    """Measure and print: a table, or one JSON object on one line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    parser.add_argument("--database", metavar="URL", help="an empty database [default: a new SQLite file]")
    parser.add_argument("--calls", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = open_state(options.database or f"sqlite:///{Path(folder) / 'state.db'}")
        try:
            figures = {name: round(value, 1) for name, value in measure(engine, options.calls).items()}
        finally:
            engine.dispose()
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<40} {value:>10,.1f}")


def measure(engine: Engine, many: int) -> Figures:
    """Figures by name; names end in their unit."""
    create_tables(engine, CLAUDE_TABLES)
    calls = SqlCalls(engine)
    calls.remember(_REPOSITORY, _READER, {f"blob:{n}": _SAID for n in range(_DIGESTS)}, now=_NOW)
    digests = [f"blob:{n}" for n in range(_DIGESTS)]
    return {
        "one_row_per_second": _rate(many, lambda n: _one_row(engine, n)),
        "claimed_and_kept_per_second": _rate(many, lambda n: _claim_and_keep(calls, f"one-{n}")),
        "claimed_and_kept_by_8_threads_per_second": _rate(
            many, lambda n: _claim_and_keep(calls, f"many-{n}"), threads=_THREADS
        ),
        "look_up_of_1000_digests_ms": 1e3
        / _rate(_LOOK_UPS, lambda _: calls.known(_REPOSITORY, _READER, digests)),
    }


def _one_row(engine: Engine, number: int) -> None:
    with transaction(engine) as connection:
        connection.execute(BATCHES.insert().values(key=f"baseline-{number}", sent_at=0.0))


def _claim_and_keep(calls: SqlCalls, name: str) -> None:
    pieces = tuple(f"piece:{name}-{number}" for number in range(4))
    call = Call(name, _REPOSITORY, "acme/api", f"push-{name}", "claude-sonnet-5-5", _READER, pieces)
    if calls.claim(call, _AMPLE, now=_NOW) != Claimed():
        raise SystemExit("the database is not empty")
    calls.answered(call, dict.fromkeys(pieces, _SAID), Usage(input_tokens=1), 0.1, now=_NOW)


def _rate(many: int, work: Callable[[int], object], *, threads: int = 1) -> float:
    """How often a second."""
    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, range(many)):
            pass
    return many / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
