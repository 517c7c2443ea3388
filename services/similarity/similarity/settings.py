"""What the similarity service reads from its environment."""

from dataclasses import dataclass

from devnexus.knowledge.stores import ABOUT
from devnexus.settings import setting


@dataclass(frozen=True)
class Settings:
    """Settings of the similarity service."""

    project: str = setting("GOOGLE_CLOUD_PROJECT", about="the Google Cloud project of the topics")
    knowledge: str = setting("KNOWLEDGE", about=ABOUT)
