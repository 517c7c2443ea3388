"""What the extractor reads from its environment."""

from dataclasses import dataclass
from pathlib import Path

from devnexus.knowledge.stores import ABOUT
from devnexus.secrets import Secret
from devnexus.settings import setting

API_KEY = "ANTHROPIC_API_KEY"
SECRETS = {
    API_KEY: "secret: the key with which Claude reads besides the rules, where devnexus.yaml lets it;"
    " not set: rules alone read",
}
"""Secret → what it is for."""


def _as_secret(text: str) -> Secret:
    return Secret(text.encode())


@dataclass(frozen=True)
class Settings:
    """Settings of the extractor."""

    project: str = setting("GOOGLE_CLOUD_PROJECT", about="the Google Cloud project of the topics")
    repositories: Path | None = setting(
        "REPOSITORIES_DIR",
        about="folder with clones of the repositories, as <owner>/<name>. Not set: they are read from GitHub,"
        " as the App that GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY name",
        default=None,
        parse=Path,
    )
    knowledge: str | None = setting(
        "KNOWLEDGE",
        about=f"{ABOUT}; its devnexus.yaml says what is read. Not set: everything is",
        default=None,
    )


@dataclass(frozen=True)
class ClaudeSettings:
    """What is read besides where there is a key, here and by `devnexus analyze`."""

    database_url: Secret | None = setting(
        "DATABASE_URL",
        about=f"required with {API_KEY}: where is kept what Claude said and cost:"
        " `sqlite:////path/to/state.db` on a disk that stays, or `postgresql://user:password@host/name`",
        default=None,
        parse=_as_secret,
    )
    claude_model: str = setting(
        "CLAUDE_MODEL", about="the model that reads what was just pushed", default="claude-sonnet-5-5"
    )
    claude_bulk_model: str = setting(
        "CLAUDE_BULK_MODEL",
        about="the model that reads snapshots and the past, in batches",
        default="claude-haiku-5-5",
    )
    anthropic_base_url: str | None = setting(
        "ANTHROPIC_BASE_URL", about="where Anthropic's API is, if not at its usual place", default=None
    )
