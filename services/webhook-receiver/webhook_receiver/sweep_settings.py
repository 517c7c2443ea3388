"""What `POST /sweep` needs besides what the receiver needs; where nobody may call it, it is not there."""

from collections.abc import Mapping
from dataclasses import dataclass

from devnexus.errors import ConfigurationError
from devnexus.invokers import FetchKeys, Invokers, read_invokers
from devnexus.secrets import Secret, read_secret, require_secret
from webhook_receiver.settings import Settings

TOKEN = "SWEEP_TOKEN"  # nosec B105  # the name of a variable
APP_ID = "GITHUB_APP_ID"
APP_KEY = "GITHUB_APP_PRIVATE_KEY"


@dataclass(frozen=True)
class SweepSettings:
    """Settings of the sweep."""

    knowledge: str
    """The base whose holes are looked for."""
    token: Secret | None
    """What a caller may show."""
    invokers: Invokers | None
    """Who may call with a token of Google's."""


def read_sweep(
    environment: Mapping[str, str], settings: Settings, fetch_keys: FetchKeys | None = None
) -> SweepSettings | None:
    """None where nobody may call; raise ConfigurationError where the rest is missing.

    `fetch_keys`: not given, Google's keys are those that it publishes.
    """
    token, invokers = read_secret(TOKEN, environment), read_invokers(environment, fetch_keys)
    if token is None and invokers is None:
        return None
    if not environment.get(APP_ID):
        raise ConfigurationError(f"{APP_ID} is not set: it names the App that webhooks come from")
    require_secret(APP_KEY, environment, about="the key of the App that webhooks come from, as PEM")
    if settings.knowledge is None:
        raise ConfigurationError("KNOWLEDGE is not set: it names the knowledge base that the sweep mends")
    return SweepSettings(settings.knowledge, token, invokers)
