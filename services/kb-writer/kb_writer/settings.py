"""What the writer reads from its environment."""

from dataclasses import dataclass
from pathlib import Path

from devnexus.knowledge.stores import ABOUT
from devnexus.settings import setting


@dataclass(frozen=True)
class Settings:
    """Settings of the kb-writer."""

    project: str = setting("GOOGLE_CLOUD_PROJECT", about="the Google Cloud project of the topics")
    knowledge: str = setting("KNOWLEDGE", about=ABOUT)
    heartbeat: Path = setting(
        "HEARTBEAT_FILE",
        about="file touched after every successful pull, in the folder for temporary files if it is relative",
        default=Path("kb-writer-heartbeat"),
        parse=Path,
    )
