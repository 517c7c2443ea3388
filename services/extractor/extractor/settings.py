"""What the extractor reads from its environment."""

from dataclasses import dataclass
from pathlib import Path

from devnexus.knowledge.stores import ABOUT
from devnexus.settings import setting


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
