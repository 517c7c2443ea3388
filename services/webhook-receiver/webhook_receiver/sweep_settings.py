"""What `POST /sweep` needs besides what the receiver needs; without a token there is no such endpoint."""

from collections.abc import Mapping
from dataclasses import dataclass

from devnexus.github import PATIENT, GitHubApp
from devnexus.knowledge.stores import ABOUT
from devnexus.secrets import Secret, read_secret
from devnexus.settings import read_settings, setting

TOKEN = "SWEEP_TOKEN"


@dataclass(frozen=True)
class SweepSettings:
    """Settings of the sweep."""

    knowledge: str = setting("KNOWLEDGE", about=f"{ABOUT}; what it lacks is what the sweep looks for")


def read_sweep(environment: Mapping[str, str]) -> tuple[SweepSettings, Secret] | None:
    """Settings and token, None without a token; raise ConfigurationError where the rest is missing."""
    token = read_secret(TOKEN, environment)
    if token is None:
        return None
    GitHubApp(environment, access="read", patience=PATIENT).close()  # whether its credentials are there
    return read_settings(SweepSettings, environment), token
