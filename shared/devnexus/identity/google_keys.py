"""Google's keys, which its ID tokens are signed with."""

from devnexus.errors import Unavailable
from devnexus.identity.issuer_keys import Fetched
from devnexus.identity.key_set import read_key_set
from devnexus.outbound import NoAnswer, Outbound, WebAddress, web_address

ISSUERS = ("https://accounts.google.com", "accounts.google.com")
"""What Google calls itself in its tokens."""

CERTIFICATES = web_address("https://www.googleapis.com/oauth2/v3/certs", allow_private=False)
"""https://developers.google.com/identity/gsi/web/guides/verify-google-id-token"""

_SHORTEST_SECONDS = 60.0
_LONGEST_SECONDS = 24 * 3600.0
_USUAL_SECONDS = 3600.0


def fetch_google_keys(outbound: Outbound, address: WebAddress = CERTIFICATES) -> Fetched:
    """The keys as Google publishes them now; raise Unavailable if they cannot be had."""
    try:
        answer = outbound.request("GET", address, headers={"Accept": "application/json"})
    except NoAnswer as error:
        raise Unavailable(str(error)) from error
    if answer.status != 200:
        raise Unavailable(f"{address.host} answers with status {answer.status}")
    try:
        keys = read_key_set(answer.body)
    except ValueError as error:
        raise Unavailable(f"{address.host}: {error}") from error
    seconds = _USUAL_SECONDS if answer.max_age is None else float(answer.max_age)
    return Fetched(keys, min(max(seconds, _SHORTEST_SECONDS), _LONGEST_SECONDS))
