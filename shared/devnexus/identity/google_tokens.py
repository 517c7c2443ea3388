"""The verifier of Google's tokens, composed."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from devnexus.identity.google_keys import ISSUERS, fetch_google_keys
from devnexus.identity.issuer_keys import Fetched, FetchedKeys, IssuerKeys
from devnexus.identity.tokens import Tokens
from devnexus.outbound import Outbound

_FETCH_SECONDS = 5.0


def google_tokens(
    audiences: Sequence[str],
    *,
    fetch: Callable[[], Fetched] | None = None,
    others: Mapping[str, IssuerKeys] | None = None,
) -> Tokens:
    """Verifies tokens that are meant for one of `audiences`, of Google and of the issuers in `others`.

    `fetch` gives the keys that Google signs with; not given: as Google publishes them.
    """
    published = partial(fetch_google_keys, Outbound(allow_private=False, seconds=_FETCH_SECONDS))
    google = FetchedKeys(fetch or published)
    return Tokens({**(others or {}), **dict.fromkeys(ISSUERS, google)}, audiences=audiences)
