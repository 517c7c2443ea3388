"""A question to Claude for tests that are about how it is carried."""

from fakes.anthropic_refusals import KEY

from devnexus.secrets import Secret
from extractor.claude.anthropic_client import open_client
from extractor.claude.anthropic_model import AnthropicModel
from extractor.claude.request import Request

REQUEST = Request(
    model="claude-sonnet-5-5",
    brief="What counts as a pattern.",
    repository="acme/api",
    material="<piece-4f2a>print('hidden words')</piece-4f2a>",
    schema={
        "type": "object",
        "properties": {"files": {"type": "array", "items": {"type": "string"}}},
        "required": ["files"],
        "additionalProperties": False,
    },
    max_tokens=4000,
)


def model(url: str, *, longest_seconds: float = 20.0) -> tuple[AnthropicModel, list[float]]:
    """A Model at `url`, and how long it waited between its tries."""
    waits: list[float] = []
    client = open_client(Secret(KEY.encode()), url)
    return AnthropicModel(client, longest_seconds=longest_seconds, pause=waits.append), waits
