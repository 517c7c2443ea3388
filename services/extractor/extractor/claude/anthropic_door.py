"""The way to Anthropic. Its SDK takes seconds and some 80 MB: this is imported only where there is a key."""

import logging
from urllib.parse import urlsplit

from anthropic import Anthropic
from httpx2 import Timeout

from devnexus.errors import ConfigurationError
from devnexus.secrets import Secret
from extractor.claude.anthropic_batches import AnthropicBatches
from extractor.claude.anthropic_model import AnthropicModel
from extractor.claude.request import Batches, Model
from extractor.claude.resting import RestingModel

_TIMEOUT = Timeout(connect=10.0, read=150.0, write=60.0, pool=10.0)
"""Well below the ten minutes that Pub/Sub waits, and those after which a call counts as lost."""

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def open_claude(key: Secret, base_url: str | None = None) -> tuple[Model, Batches]:
    """Claude, at once and in batches, with this key.

    Raises ConfigurationError for a `base_url` that would carry the key unencrypted to another machine.
    """
    if base_url is not None:
        _check(base_url)
    for name in ("anthropic", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)  # below that they log what is sent
    client = Anthropic(
        api_key=key.value.decode(),
        base_url=base_url or "https://api.anthropic.com",
        timeout=_TIMEOUT,
        max_retries=0,
    )
    return RestingModel(AnthropicModel(client)), AnthropicBatches(client)


def _check(base_url: str) -> None:
    parts = urlsplit(base_url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE):
        return
    raise ConfigurationError("ANTHROPIC_BASE_URL: must be https://…, since the key goes there")
