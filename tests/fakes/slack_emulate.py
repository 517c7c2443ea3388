"""Stands for Slack where tests run with `--slack=emulate`: Vercel's emulate.

It keeps messages and gives them back, knows scopes and archived channels; it takes any token and any size.
"""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from fakes.emulate import running_service
from fakes.slack import READING_TOKEN, TOKEN

_ADMIN = "xoxp-3"
_SEED = {
    "tokens": {token: {"login": "U000000001", "scopes": []} for token in (TOKEN, READING_TOKEN, _ADMIN)},
    "slack": {
        "strict_scopes": True,
        "tokens": [
            {"token": TOKEN, "scopes": ["chat:write"]},
            {"token": READING_TOKEN, "scopes": ["channels:history"]},
            {"token": _ADMIN, "scopes": ["channels:manage", "channels:history", "chat:write"]},
        ],
    },
}


class EmulatedSlack:
    """What a test needs to know of the Slack at `base`."""

    hook = "/services/T000000001/B000000001/X000000001"
    channel = "C000000001"
    archived = "C000000002"

    def __init__(self, base: str) -> None:
        self.base = base
        self._before = len(self._all())

    def messages(self) -> list[dict[str, object]]:
        """What was posted since, in order."""
        return self._all()[self._before :]

    def _all(self) -> list[dict[str, object]]:
        return list(reversed(_call(self.base, "conversations.history", limit=999)["messages"]))


@contextmanager
def running_slack() -> Iterator[str]:
    """The address of a Slack with a channel that is archived."""
    with running_service("slack", _SEED) as port:
        base = f"http://127.0.0.1:{port}"
        _call(base, "conversations.archive", EmulatedSlack.archived)
        yield base


def _call(base: str, method: str, channel: str = EmulatedSlack.channel, **fields: object) -> dict:
    request = urllib.request.Request(
        f"{base}/api/{method}",
        json.dumps({"channel": channel, **fields}).encode(),
        {"Authorization": f"Bearer {_ADMIN}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        content = json.load(answer)
    assert content["ok"], content
    return content
