"""What the a2a-gateway reads from its environment."""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from a2a_gateway.callers.caller import ANONYMOUS, LOCAL, Caller
from a2a_gateway.callers.members import Members, Names, reader_names, writer_names
from a2a_gateway.callers.open_routes import KNOWN, open_routes
from devnexus.identity.names import audiences
from devnexus.knowledge.stores import ABOUT
from devnexus.secrets import Secret
from devnexus.settings import EVERY_ADDRESS, setting, whole_number

API_KEYS = "API_KEYS"
SECRETS = {
    API_KEYS: "secret: a line `name=key` for each API key, of 32 characters or more; a name may have several."
    " READERS or ALLOWED_SERVICE_ACCOUNTS say what those with it may do",
}
"""Secret → what it is for."""

_ORIGIN = re.compile(r"https?://[a-z0-9._-]+(:[0-9]{1,5})?")
_PEOPLE: dict[str, Caller | None] = {"true": ANONYMOUS, "all": LOCAL, "false": None}


def web_address(text: str) -> str:
    """`text` without its last slash; raise ValueError unless it is an http or https address."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"{text!r} is not an address such as https://nexus.example.com")
    return text.rstrip("/")


def _as_secret(text: str) -> Secret:
    return Secret(text.encode())


def anonymous_reads(text: str) -> str:
    """`text` in lower case; raise ValueError unless it is one of the three words."""
    if text.lower() not in _PEOPLE:
        raise ValueError(f"{text!r} is neither true, all nor false")
    return text.lower()


def origins(text: str) -> tuple[str, ...]:
    """The web origins in a list with commas, as browsers write them; raise ValueError naming what is none."""
    found = tuple(part.strip().rstrip("/").lower() for part in text.split(",") if part.strip())
    for origin in found:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(f"{origin!r} is no origin: write each whole, such as https://app.example.com")
    return found


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
    readers: Names = setting(
        "READERS",
        about="who may read, with commas: e-mail addresses, domains (`example.com`: accounts that it manages"
        " at Google), names of API keys; not set: nobody but the writers",
        default=frozenset(),
        parse=reader_names,
    )
    writers: Names = setting(
        "ALLOWED_SERVICE_ACCOUNTS",
        about="who may write, and read, with commas: e-mail addresses, names of API keys; not set: nobody",
        default=frozenset(),
        parse=writer_names,
    )
    audience: tuple[str, ...] = setting(
        "AUDIENCE",
        about="whom a Google ID token must be meant for, with commas where several will do;"
        " not set: PUBLIC_URL",
        default=(),
        parse=audiences,
    )
    anonymous_reads: str | None = setting(
        "ANONYMOUS_READS",
        about="what somebody may read who does not say who they are. `true`: of public repositories in use;"
        " `all`: everything, for a port that only this machine reaches; `false`: nothing."
        " Not set: `all` where HOST is this machine's own (127.0.0.1, ::1, localhost), else `false`",
        default=None,
        parse=anonymous_reads,
    )
    requests_per_minute: int = setting(
        "REQUESTS_PER_MINUTE",
        about="how often one caller may ask an instance; those who do not say who they are count by address",
        default=1200,
        parse=whole_number,
    )
    cors_origins: tuple[str, ...] = setting(
        "CORS_ORIGINS",
        about="web origins whose pages may call, with commas: `https://app.example.com`; not set: none",
        default=(),
        parse=origins,
    )
    local_issuer: str | None = setting(
        "LOCAL_ISSUER",
        about="file with the public keys of an issuer of tokens beside Google, as `devnexus run` makes it"
        " for this machine; refused on Cloud Run",
        default=None,
    )
    legacy_open_routes: frozenset[str] = setting(
        "LEGACY_OPEN_ROUTES",
        about="routes that take calls without credentials, for agents that send none, with commas:"
        f" {', '.join(f'`{route}`' for route in KNOWN)}. Whoever reaches the service may then record what"
        " they take and read what they tell of public repositories; not set: none",
        default=frozenset(),
        parse=open_routes,
    )
    public_url: str | None = setting(
        "PUBLIC_URL",
        about="address that others reach this service under; not set: what the request names as its host."
        " Where it is set, or HOST is this machine's own, requests for other hosts are refused, except on"
        " Cloud Run: what comes there was sent to an address of this service",
        default=None,
        parse=web_address,
    )
    repositories: Path | None = setting(
        "REPOSITORIES_DIR",
        about="folder with clones of the repositories, as <owner>/<name>, for skills that read files. What is"
        " not there is read from GitHub, as the App that GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY name, else"
        " with KNOWLEDGE_TOKEN",
        default=None,
        parse=Path,
    )
    host: str = setting("HOST", about="address that the service listens on", default=EVERY_ADDRESS)
    cloud_run: str | None = setting("K_SERVICE", about="set by Cloud Run, for what it runs", default=None)

    @property
    def anonymous(self) -> Caller | None:
        """Who somebody is who does not say so; None: nobody that may come in."""
        return _PEOPLE[self.anonymous_reads or ("all" if is_loopback(self.host) else "false")]

    @property
    def is_open(self) -> bool:
        """Whether somebody who does not say who they are may read."""
        return self.anonymous is not None

    @property
    def opened(self) -> frozenset[str]:
        """The routes that are open to those without credentials; to read they may need none anyway."""
        return frozenset(
            route for route in self.legacy_open_routes if not (self.is_open and route.startswith("GET "))
        )

    @property
    def members(self) -> Members:
        """Those who may come in by name."""
        return Members(self.readers, self.writers)

    @property
    def audiences(self) -> tuple[str, ...]:
        """Whom a token may be meant for."""
        return self.audience or ((self.public_url,) if self.public_url else ())

    @property
    def names(self) -> list[str] | None:
        """The hosts that a request may name where the service is meant for known ones only; None: any.

        A page in the browser of somebody on this machine could otherwise read here under a name of its
        own that it lets point to 127.0.0.1 (DNS rebinding). Cloud Run routes by the host, and a revision
        without traffic is asked at an address of its own.
        """
        if self.cloud_run or (not is_loopback(self.host) and self.public_url is None):
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
