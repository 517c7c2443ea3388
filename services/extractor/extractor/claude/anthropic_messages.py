"""Requests and answers as Anthropic's Messages API writes them.

https://platform.claude.com/docs/en/api/messages. The two parts of the system prompt are marked for the prompt
cache. Neither tools nor sampling settings nor a forced choice: the models of the 5.5 family refuse these, and
think by themselves before they answer.
"""

from typing import Literal

from anthropic.types import Message, TextBlockParam
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming

from extractor.claude.request import Answered, Request, Usage


def parameters(request: Request) -> MessageCreateParamsNonStreaming:
    """`request` as `messages.create` takes it."""
    return {
        "model": request.model,
        "max_tokens": request.max_tokens,
        "system": [_cached(request.brief), _cached(request.repository)],
        "messages": [{"role": "user", "content": request.material}],
        "output_config": {
            "effort": "medium",
            "format": {"type": "json_schema", "schema": dict(request.schema)},
        },
    }


def answer(message: Message) -> Answered:
    """What came back: why it ended comes before what it says, and thoughts are no answer."""
    usage = message.usage
    return Answered(
        text="".join(block.text for block in message.content if block.type == "text"),
        stop=_stop(message.stop_reason),
        usage=Usage(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cache_read_input_tokens or 0,
            cache_write_tokens=usage.cache_creation_input_tokens or 0,
        ),
        model=message.model,
    )


def _stop(reason: str | None) -> Literal["complete", "cut", "refused"]:
    if reason == "refusal":
        return "refused"
    return "complete" if reason == "end_turn" else "cut"  # the tokens ran out, or something stopped it


def _cached(text: str) -> TextBlockParam:
    return {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}
