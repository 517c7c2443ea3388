"""What each service must answer before it gets traffic, and again when it has it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_SHOWN = 200


@dataclass(frozen=True)
class Answer:
    """What came back; status 0: nothing did, and the body says why."""

    status: int
    body: bytes

    def __str__(self) -> str:
        text = self.body[:_SHOWN].decode("utf-8", "replace")
        return f"{self.status} {''.join(letter if letter.isprintable() else ' ' for letter in text)}".rstrip()


@dataclass(frozen=True)
class Check:
    """One request, and which answer passes."""

    what: str
    path: str
    passes: Callable[[Answer], bool]
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    with_token: bool = False


def _healthy(answer: Answer) -> bool:
    return answer.status == 200


def _refused(answer: Answer) -> bool:
    return answer.status in (401, 403)


def _names_a_revision(answer: Answer) -> bool:
    if answer.status != 200:
        return False
    try:
        told = json.loads(answer.body)
    except ValueError:
        return False
    return isinstance(told, dict) and bool(told.get("revision"))


_JSON = {"Content-Type": "application/json"}
_HEALTH = Check("is healthy", "/health", _healthy, with_token=True)
_PUSHED_TO = (
    _HEALTH,
    Check("refuses a push that is not Pub/Sub's", "/events", _refused, b"{}", _JSON, with_token=True),
)
_SIGNATURE = Check(
    "refuses a webhook with a wrong signature",
    "/webhooks/github",
    _refused,
    b"{}",
    {**_JSON, "X-GitHub-Event": "ping", "X-Hub-Signature-256": f"sha256={'0' * 64}"},
)
_SKILL = Check(
    "answers a skill, and says from which revision of the knowledge base",
    "/skills/get_repository_list",
    _names_a_revision,
    b'{"include_metadata": false, "limit": 1}',
    _JSON,
    with_token=True,
)
CHECKS: Mapping[str, tuple[Check, ...]] = {
    "notifier": _PUSHED_TO,
    "similarity": _PUSHED_TO,
    "extractor": _PUSHED_TO,
    "webhook-receiver": (_HEALTH, _SIGNATURE),
    "a2a-gateway": (_HEALTH, _SKILL),
}
BEHIND_A_LOAD_BALANCER: Mapping[str, tuple[Check, ...]] = {
    "webhook-receiver": (_SIGNATURE,),
    "a2a-gateway": (_HEALTH, _SKILL),
}
"""What of it can be asked at the one address that all of them share there."""
