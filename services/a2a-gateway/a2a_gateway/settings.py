"""What the a2a-gateway reads from its environment."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from devnexus.settings import setting, yes_or_no


def web_address(text: str) -> str:
    """`text` without its last slash; raise ValueError unless it is an http or https address."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"{text!r} is not an address such as https://nexus.example.com")
    return text.rstrip("/")


@dataclass(frozen=True)
class Settings:
    """Settings of the a2a-gateway."""

    knowledge: Path = setting(
        "KNOWLEDGE", about="path of the knowledge base, a bare git repository", parse=Path
    )
    anonymous_reads: bool | None = setting(
        "ANONYMOUS_READS",
        about="`true`: whoever reaches the service may read; `false`: nobody may yet."
        " Not set: true where HOST is this machine's own (127.0.0.1, ::1, localhost), else false",
        default=None,
        parse=yes_or_no,
    )
    public_url: str | None = setting(
        "PUBLIC_URL",
        about="address that others reach this service under; not set: what the request names as its host",
        default=None,
        parse=web_address,
    )
    host: str = setting("HOST", about="address that the service listens on", default="0.0.0.0")

    @property
    def is_open(self) -> bool:
        """Whether somebody who does not say who they are may read."""
        return is_loopback(self.host) if self.anonymous_reads is None else self.anonymous_reads


def is_loopback(host: str) -> bool:
    """Whether `host` can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
