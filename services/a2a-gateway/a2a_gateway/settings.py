"""What the a2a-gateway reads from its environment."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from devnexus.knowledge.stores import ABOUT
from devnexus.secrets import Secret
from devnexus.settings import setting, yes_or_no


def web_address(text: str) -> str:
    """`text` without its last slash; raise ValueError unless it is an http or https address."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"{text!r} is not an address such as https://nexus.example.com")
    return text.rstrip("/")


def _as_secret(text: str) -> Secret:
    return Secret(text.encode())


_THIS_MACHINE = ("localhost", "127.0.0.1", "[")
"""As Starlette compares them, up to the first colon: an address in brackets is no name to be rebound."""


@dataclass(frozen=True)
class Settings:
    """Settings of the a2a-gateway."""

    knowledge: str = setting("KNOWLEDGE", about=ABOUT)
    project: str = setting("GOOGLE_CLOUD_PROJECT", about="the Google Cloud project of the topics")
    database_url: Secret = setting(
        "DATABASE_URL",
        about="where accepted writes are kept: `sqlite:////path/to/state.db` on a disk that stays, or"
        " `postgresql://user:password@host/name`, which instances on several machines share",
        parse=_as_secret,
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
        about="address that others reach this service under; not set: what the request names as its host."
        " Where it is set, or HOST is this machine's own, requests for other hosts are refused",
        default=None,
        parse=web_address,
    )
    host: str = setting("HOST", about="address that the service listens on", default="0.0.0.0")

    @property
    def is_open(self) -> bool:
        """Whether somebody who does not say who they are may read."""
        return is_loopback(self.host) if self.anonymous_reads is None else self.anonymous_reads

    @property
    def names(self) -> list[str] | None:
        """The hosts that a request may name where the service is meant for known ones only; None: any.

        A page in the browser of somebody on this machine could otherwise read here under a name of its
        own that it lets point to 127.0.0.1 (DNS rebinding).
        """
        if not is_loopback(self.host) and self.public_url is None:
            return None
        public = urlsplit(self.public_url or "").hostname
        return [*_THIS_MACHINE, *([public] if public else [])]


def is_loopback(host: str) -> bool:
    """Whether `host` can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
