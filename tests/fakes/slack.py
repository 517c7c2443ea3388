"""Stands for the part of Slack that takes messages, and is as strict with them as its reference.

npm's emulate takes blocks of any size, so what https://docs.slack.dev/reference/block-kit/blocks demands is
checked here. Where a test runs with `--slack=emulate`, `fakes.slack_emulate` stands here instead.
"""

import json
from collections.abc import Callable, Iterator, Mapping

from fakes.webhook_target import Answer, Received, WebhookTarget

TOKEN = "xoxb-1-s3cr3t"
READING_TOKEN = "xoxb-2-s3cr3t"
"""It may not write."""
CHANNEL = "C0000000A"
ARCHIVED = "C0000000Z"
HOOK = "/services/T0/B0/s3cr3t"
_MESSAGE = {"blocks", "channel", "metadata", "mrkdwn", "text", "unfurl_links", "unfurl_media"}


class FakeSlack(WebhookTarget):
    """Takes what is well formed, at HOOK and at `chat.postMessage`, and says what is wrong with the rest."""

    hook = HOOK
    channel = CHANNEL
    archived = ARCHIVED

    @property
    def base(self) -> str:
        return self.url.removesuffix("/hook")

    def usual_answer(self, request: Received) -> Answer:
        content = json.loads(request.body)
        faults = list(faults_of(content))
        if request.path == HOOK:
            return (400, {}, b"invalid_blocks") if faults else (200, {}, b"ok")
        if request.path != "/api/chat.postMessage":
            return 404
        error = _access_error(request.headers.get("Authorization", ""), content["channel"])
        if error or faults:
            return says(ok=False, error=error or "invalid_blocks", errors=faults)
        return says(ok=True, ts="1.1")

    def messages(self) -> list[dict[str, object]]:
        """What was posted, in order."""
        return [json.loads(one.body) for one in self.received]


def _access_error(authorization: str, channel: str) -> str | None:
    tokens = {f"Bearer {TOKEN}": None, f"Bearer {READING_TOKEN}": "missing_scope"}
    channels = {CHANNEL: None, "#general": None, ARCHIVED: "is_archived"}
    return tokens.get(authorization, "invalid_auth") or channels.get(channel, "channel_not_found")


def says(status: int = 200, headers: Mapping[str, str] | None = None, **content: object) -> Answer:
    """An answer of Slack's methods."""
    return status, {"Content-Type": "application/json", **(headers or {})}, json.dumps(content).encode()


def faults_of(message: Mapping[str, object]) -> Iterator[str]:
    """Everything that Slack would refuse, cut or obey in a message of ours."""
    yield from (f"unknown {name}" for name in message.keys() - _MESSAGE)
    yield from _text(message["text"], most=4000)
    blocks = message["blocks"]
    assert isinstance(blocks, list)
    if not 1 <= len(blocks) <= 50:
        yield f"{len(blocks)} blocks"
    if len(json.dumps(blocks, ensure_ascii=False).encode("utf-16-le")) // 2 > 13_000:
        yield "msg_blocks_too_long"
    for block in blocks:
        yield from _BLOCKS[block["type"]](block)


def _header(block: Mapping[str, object]) -> Iterator[str]:
    yield from _keys(block, "type", "text")
    yield from _text_object(block["text"], {"plain_text"}, most=150)


def _section(block: Mapping[str, object]) -> Iterator[str]:
    yield from _keys(block, "type", "text")
    yield from _text_object(block["text"], {"plain_text", "mrkdwn"}, most=3000)


def _context(block: Mapping[str, object]) -> Iterator[str]:
    yield from _keys(block, "type", "elements")
    elements = block["elements"]
    assert isinstance(elements, list)
    if not 1 <= len(elements) <= 10:
        yield f"{len(elements)} elements"
    for element in elements:
        yield from _text_object(element, {"plain_text", "mrkdwn"}, most=3000)


_BLOCKS: Mapping[str, Callable[[Mapping[str, object]], Iterator[str]]] = {
    "header": _header,
    "section": _section,
    "context": _context,
}


def _text_object(content: object, kinds: set[str], *, most: int) -> Iterator[str]:
    assert isinstance(content, dict)
    if content["type"] not in kinds:
        yield f"{content['type']} is none of {kinds}"
    yield from _keys(content, "type", "text", {"plain_text": "emoji", "mrkdwn": "verbatim"}[content["type"]])
    yield from _text(content["text"], most=most, links=content["type"] == "mrkdwn")


def _text(text: object, *, most: int, links: bool = False) -> Iterator[str]:
    assert isinstance(text, str)
    length = len(text.encode("utf-16-le")) // 2
    if not 1 <= length <= most:
        yield f"{length} characters"
    left = text
    for entity in ("&amp;", "&lt;", "&gt;"):
        left = left.replace(entity, "")
    if links and left.startswith("<https://") and "|" in left:
        left = left.removeprefix("<").removesuffix(">")
    if set("&<>") & set(left):
        yield f"{left!r} is obeyed"


def _keys(content: Mapping[str, object], *known: str) -> Iterator[str]:
    yield from (f"unknown {name}" for name in content.keys() - set(known))
