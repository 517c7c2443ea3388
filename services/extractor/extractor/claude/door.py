"""Where Anthropic's SDK comes in: imported only where there is a key, since that takes seconds."""

from devnexus.secrets import Secret
from extractor.claude.anthropic_batches import AnthropicBatches
from extractor.claude.anthropic_client import open_client
from extractor.claude.anthropic_model import AnthropicModel
from extractor.claude.request import Batches, Model
from extractor.claude.resting import RestingModel

ANTHROPIC = "https://api.anthropic.com"


def open_claude(key: Secret, base_url: str = ANTHROPIC) -> tuple[Model, Batches]:
    """Claude as the API at `base_url` gives it; ConfigurationError where the key would not be safe there."""
    client = open_client(key, base_url)
    return RestingModel(AnthropicModel(client)), AnthropicBatches(client)
