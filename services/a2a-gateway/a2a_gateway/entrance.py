"""Composes what stands between the network and the application: who may come in, how, and how often."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from a2a_gateway.callers.access import KnownCallers
from a2a_gateway.callers.api_keys import ApiKeys, read_api_keys
from a2a_gateway.callers.caller import LOCAL
from a2a_gateway.callers.callers import Callers
from a2a_gateway.callers.local_issuer import read_local_issuer
from a2a_gateway.callers.members import is_key_name
from a2a_gateway.callers.open_routes import CARDS, open_to
from a2a_gateway.callers.rates import RateLimit, before_cloud_run, peer
from a2a_gateway.https import Https
from a2a_gateway.settings import API_KEYS, Settings
from devnexus.errors import ConfigurationError
from devnexus.identity.google_keys import ISSUERS
from devnexus.identity.google_tokens import google_tokens
from devnexus.identity.issuer_keys import Fetched, FixedKeys, IssuerKeys
from devnexus.identity.tokens import Tokens
from devnexus.secrets import read_secret

_TAKEN = [
    *("Authorization", "Content-Type", "X-API-Key", "Idempotency-Key"),
    *("A2A-Version", "A2A-Extensions"),
]
_SHOWN = ["Retry-After", "WWW-Authenticate", "ETag", "A2A-Extensions"]

_log = logging.getLogger(__name__)


def entrance(
    settings: Settings, environment: Mapping[str, str], *, fetch: Callable[[], Fetched] | None = None
) -> list[Middleware]:
    """What lets callers in; raise ConfigurationError where the settings contradict each other.

    `fetch` gives the keys that Google signs with; not given: as Google publishes them.
    """
    api_keys = read_api_keys(read_secret(API_KEYS, environment))
    _check(settings)
    _tell(settings, api_keys)
    callers = Callers(settings.anonymous, settings.members, api_keys, _tokens(settings, fetch))
    # whoever may read anyway needs no open card
    opened = settings.opened if settings.is_open else settings.opened | CARDS
    origin = before_cloud_run if settings.cloud_run else peer
    return [
        # Cloud Run sends whoever asks by http to https itself
        *([Middleware(Https)] if settings.cloud_run else []),
        *_for_pages_of(settings.cors_origins),
        Middleware(KnownCallers, callers=callers, open_to=open_to(opened)),
        Middleware(RateLimit, per_minute=settings.requests_per_minute, address_of=origin),
    ]


def _for_pages_of(origins: tuple[str, ...]) -> list[Middleware]:
    """Lets pages of these origins call from browsers; without cookies, since there are none."""
    if not origins:
        return []
    cors = Middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=_TAKEN,
        expose_headers=_SHOWN,
    )
    return [cors]


def _tokens(settings: Settings, fetch: Callable[[], Fetched] | None) -> Tokens | None:
    if not settings.members.have_addresses:
        return None
    others: dict[str, IssuerKeys] = {}
    if settings.local_issuer:
        name, keys = read_local_issuer(Path(settings.local_issuer))
        if name in ISSUERS:
            raise ConfigurationError(
                f"LOCAL_ISSUER: {settings.local_issuer} takes the name {name} for itself"
            )
        others[name] = FixedKeys(keys)
    return google_tokens(settings.audiences, fetch=fetch, others=others)


def _check(settings: Settings) -> None:
    if settings.members.have_addresses and not settings.audiences:
        raise ConfigurationError(
            "READERS or ALLOWED_SERVICE_ACCOUNTS name addresses, and nothing says whom their tokens must be"
            " meant for: set PUBLIC_URL to the address that callers use, or AUDIENCE to what tokens name"
        )
    if settings.cloud_run and settings.local_issuer:
        raise ConfigurationError("LOCAL_ISSUER is for one's own machine, and this is Cloud Run: unset it")
    if settings.cloud_run and settings.anonymous == LOCAL:
        raise ConfigurationError(
            "ANONYMOUS_READS=all would show private repositories to everybody who reaches Cloud Run:"
            " set `true` for the public ones, or name who may read in READERS"
        )


def _tell(settings: Settings, api_keys: ApiKeys) -> None:
    """Say in the log what is probably not meant."""
    named = settings.readers | settings.writers
    if not settings.is_open and not named:
        _log.warning("nobody may come in: READERS and ALLOWED_SERVICE_ACCOUNTS name nobody")
    if writes := sorted(route for route in settings.opened if route.startswith("POST ")):
        _log.warning("whoever reaches this service may write through %s", ", ".join(writes))
    if idle := sorted(api_keys.names - named):
        _log.warning("API keys let nobody in whose names READERS does not have: %s", ", ".join(idle))
    if keyless := sorted(name for name in named - api_keys.names if is_key_name(name)):
        _log.warning(
            "READERS or ALLOWED_SERVICE_ACCOUNTS name API keys that do not exist: %s", ", ".join(keyless)
        )
