"""Stands for a webhook of Discord, and is as strict with messages as its reference.

https://docs.discord.com/developers/resources/message#embed-object-embed-limits
"""

import json
import re
from collections.abc import Iterator, Mapping

from fakes.webhook_target import Answer, Received, WebhookTarget

HOOK = "/api/webhooks/1/s3cr3t"
_BARE = re.compile(r"[\\`*_\[\]()<>#|~@:]")
_MOST = {"title": 256, "description": 4096, "url": 2048}


class FakeDiscord(WebhookTarget):
    """Takes what is well formed at HOOK, and says what is wrong with the rest."""

    def usual_answer(self, request: Received) -> Answer:
        if request.path.partition("?")[0] != HOOK:
            return says(404, message="Unknown Webhook", code=10015)
        faults = list(faults_of(json.loads(request.body)))
        return (
            says(400, message="Invalid Form Body", code=50035, errors=faults) if faults else says(200, id="1")
        )


def says(status: int, headers: Mapping[str, str] | None = None, **content: object) -> Answer:
    """An answer in JSON."""
    return status, {"Content-Type": "application/json", **(headers or {})}, json.dumps(content).encode()


def faults_of(message: Mapping[str, object]) -> Iterator[str]:
    """Everything that Discord would refuse or obey in a message of ours."""
    yield from (f"unknown {name}" for name in message.keys() - {"content", "embeds", "allowed_mentions"})
    if message["allowed_mentions"] != {"parse": []}:
        yield "mentions"
    yield from _text("content", str(message["content"]), most=2000)
    embeds = message["embeds"]
    assert isinstance(embeds, list)
    if not 1 <= len(embeds) <= 10:
        yield f"{len(embeds)} embeds"
    if sum(_length(embed.get("title", "") + embed.get("description", "")) for embed in embeds) > 6000:
        yield "more than 6000 characters"
    for embed in embeds:
        yield from (f"unknown {name}" for name in embed.keys() - {"title", "description", "url", "color"})
        if not embed.keys() & {"title", "description"}:
            yield "empty embed"
        for name in embed.keys() & _MOST.keys():
            yield from _text(name, embed[name], most=_MOST[name])


def _text(name: str, text: str, *, most: int) -> Iterator[str]:
    if not 1 <= _length(text) <= most:
        yield f"{name} of {_length(text)} characters"
    if name == "url":
        yield from () if text.startswith(("https://", "http://")) else (f"{text!r} is no web address",)
    elif _BARE.search(re.sub(r"\\[!-/:-@\[-`{-~]", "", text)):
        yield f"{text!r} is obeyed"


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
