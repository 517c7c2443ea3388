"""What the receiver reads from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass

from devnexus.secrets import Secret, read_secret, require_secret
from devnexus.settings import read_settings, setting

SECRET = "GITHUB_WEBHOOK_SECRET"
PREVIOUS_SECRET = "GITHUB_WEBHOOK_SECRET_PREVIOUS"


@dataclass(frozen=True)
class Settings:
    """Settings of the webhook-receiver."""

    project: str = setting("GOOGLE_CLOUD_PROJECT", about="the Google Cloud project of the topics")


def read_webhook_secrets(environment: Mapping[str, str]) -> tuple[Secret, ...]:
    """The secret that GitHub signs with, and the one before it while it is being rotated."""
    current = require_secret(SECRET, environment, about="the secret that GitHub signs webhooks with")
    previous = read_secret(PREVIOUS_SECRET, environment)
    return (current, previous) if previous else (current,)


def read(environment: Mapping[str, str]) -> tuple[Settings, tuple[Secret, ...]]:
    """Settings and secrets; raise ConfigurationError where something is missing."""
    return read_settings(Settings, environment), read_webhook_secrets(environment)
