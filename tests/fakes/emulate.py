"""Vercel's emulate 0.12.2, one of its services in a Node of its own."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from node_packages import node_with_packages

_FOLDER = Path(__file__).parent.parent / "emulate"


@contextmanager
def running_service(service: str, seed: Mapping[str, object]) -> Iterator[int]:
    """The port of a service, installed first where it is not; RuntimeError without Node."""
    node = node_with_packages(_FOLDER, needed_for=f"--{service}=emulate")
    process = subprocess.Popen(
        [node, "serve.mjs"], cwd=_FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps({"service": service, "seed": seed}) + "\n")
        process.stdin.flush()
        port = urlsplit(process.stdout.readline().strip()).port
        if port is None:
            raise RuntimeError("emulate did not start; what it said stands above")
        yield port
    finally:
        process.kill()
        process.communicate()
