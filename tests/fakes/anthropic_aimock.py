"""Stands for Claude where tests run with `--claude=aimock`: npm's aimock, without batches and cache."""

import json
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from node_packages import node_with_packages

from fakes.anthropic_replies import Fails, Late, Reply, Says

_FOLDER = Path(__file__).parent.parent / "aimock"
_USAGE = {"input_tokens": 700, "output_tokens": 50}


class Aimock:
    """What a test needs to know of the aimock at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def will_say(self, reply: Reply) -> None:
        """Say this to whatever is asked from now on."""
        self._post("reset", {})
        if isinstance(reply, Late):
            self._post("chaos", {"latencyMs": reply.seconds * 1000})
            reply = reply.then
        self._post("fixtures", {"fixtures": [{"match": {}, "response": _fixture(reply)}]})

    def _post(self, what: str, content: object) -> None:
        request = urllib.request.Request(
            f"{self.url}/__aimock/{what}",
            json.dumps(content).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=10).close()


def _fixture(reply: Reply) -> Mapping[str, Any]:
    match reply:
        case Fails(status, type_, message, headers):
            error = {"error": {"type": type_, "message": message}, "status": status}
            return {**error, **({"retryAfter": float(headers["retry-after"])} if headers else {})}
        case Says(text, stop):
            text = text if isinstance(text, str) else json.dumps(text)
            return {"content": text, "finishReason": stop, "reasoning": "hm", "usage": _USAGE}
        case str():
            return {"content": reply}
    raise ValueError(f"aimock cannot say {reply}")


@contextmanager
def running_aimock() -> Iterator[str]:
    """The address of an aimock, installed first where it is not; RuntimeError without Node."""
    node = node_with_packages(_FOLDER, needed_for="--claude=aimock")
    process = subprocess.Popen([node, "serve.mjs"], cwd=_FOLDER, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url.startswith("http"):
            raise RuntimeError("aimock did not start; what it said stands above")
        yield url
    finally:
        process.kill()
        process.communicate()
