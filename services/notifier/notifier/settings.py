"""What the notifier reads from its environment."""

from dataclasses import dataclass
from pathlib import Path

from devnexus.knowledge.stores import ABOUT
from devnexus.secrets import Secret
from devnexus.settings import setting, yes_or_no


def _as_secret(text: str) -> Secret:
    return Secret(text.encode())


@dataclass(frozen=True)
class Settings:
    """Settings of the notifier."""

    project: str = setting("GOOGLE_CLOUD_PROJECT", about="the Google Cloud project of the topics")
    database_url: Secret = setting(
        "DATABASE_URL",
        about="where deliveries are kept: `sqlite:////path/to/state.db` on a disk that stays, or"
        " `postgresql://user:password@host/name`",
        parse=_as_secret,
    )
    routes_file: Path | None = setting(
        "ROUTES_FILE",
        about="YAML file that says who is told of what; not set: everything goes to the log",
        default=None,
        parse=Path,
    )
    knowledge: str | None = setting(
        "KNOWLEDGE",
        about=f"{ABOUT}; the routes of its devnexus.yaml take the place of those in ROUTES_FILE."
        " Not set: those in ROUTES_FILE hold",
        default=None,
    )
    allow_private_targets: bool = setting(
        "ALLOW_PRIVATE_TARGETS",
        about="`true`: webhooks may go to addresses that are not public, and by plain http",
        default=False,
        parse=yes_or_no,
    )
