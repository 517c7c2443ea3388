"""What the similarity service reads from its environment."""

from dataclasses import dataclass
from pathlib import Path

from devnexus.settings import setting


@dataclass(frozen=True)
class Settings:
    """Settings of the similarity service."""

    project: str = setting("GOOGLE_CLOUD_PROJECT", about="the Google Cloud project of the topics")
    knowledge: Path = setting(
        "KNOWLEDGE", about="the knowledge base, a bare git repository (only read)", parse=Path
    )
