"""How large each service's image is, how soon a container of it is ready, and how soon it has ended.

    python benchmarks/images.py [--json]

Builds the images, starts docker-compose.yml under a name and ports of its own, and stops and starts each
service three times. Ready: from the start of the container to the first health check that succeeds, and the
processor time that the container took for it, which a busy machine changes less. Stopped: from SIGTERM to the
end of the container. Medians; each includes what the engine takes for itself, of which the baseline gives an
idea: a container of the base image in which Python does nothing. Needs what `make test-containers` needs.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from docker.models.images import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from containers.compose import SERVICES, ComposeStack, build_images, engine, wait_for

BASE = "python:3.13-slim"
TIMES = 3
GRACE_SECONDS = 10

Figures = dict[str, dict[str, float]]


def main() -> None:
    """Measure and print: a table, or one JSON object on one line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    options = parser.parse_args()
    build_images()
    figures = measure()
    if options.json:
        print(json.dumps(figures))
        return
    names = ("size_mb", "above_base_mb", "ready_seconds", "ready_cpu_seconds", "stop_seconds")
    print(f"{'':<18}" + "".join(f"{name:>18}" for name in names))
    for what, row in figures.items():
        print(
            f"{what:<18}" + "".join(f"{row[name]:>18.1f}" if name in row else f"{'':>18}" for name in names)
        )


def measure() -> Figures:
    """Service → its figures, whose names end in their unit; first the baseline."""
    client = engine()
    base = client.images.get(BASE)
    alone = [
        _seconds(lambda: client.containers.run(BASE, ["python", "-c", ""], remove=True)) for _ in range(TIMES)
    ]
    figures = {f"baseline {BASE[:6]}": {"size_mb": _mb(base), "ready_seconds": statistics.median(alone)}}
    with tempfile.TemporaryDirectory(prefix="devnexus-benchmark-") as clones:
        stack = ComposeStack(Path(clones))
        try:
            stack.up()
            for service in SERVICES:
                size = _mb(client.images.get(f"dev-nexus/{service}"))
                figures[service] = {
                    "size_mb": size,
                    "above_base_mb": size - _mb(base),
                    **_turns(stack, service),
                }
        finally:
            stack.compose("down", "--volumes")
    return figures


def _turns(stack: ComposeStack, service: str) -> dict[str, float]:
    """How long it takes to end and to be ready again."""
    ended, ready, worked = [], [], []
    for _ in range(TIMES):
        ended.append(_seconds(lambda: stack.container(service).stop(timeout=GRACE_SECONDS)))
        ready.append(_seconds(lambda: _start(stack, service)))
        usage = stack.container(service).stats(stream=False)["cpu_stats"]["cpu_usage"]
        worked.append(usage["total_usage"] / 1e9)
    return {
        "ready_seconds": statistics.median(ready),
        "ready_cpu_seconds": statistics.median(worked),
        "stop_seconds": statistics.median(ended),
    }


def _start(stack: ComposeStack, service: str) -> None:
    stack.container(service).start()
    wait_for(lambda: stack.is_healthy(service), stack.describe)


def _seconds(act: Callable[[], object]) -> float:
    started = time.monotonic()
    act()
    return time.monotonic() - started


def _mb(image: Image) -> float:
    return float(image.attrs["Size"]) / 1e6


if __name__ == "__main__":
    main()
