"""ID tokens: who they name, if whoever signed them is trusted and meant this service."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import exceptions
from pydantic import BaseModel, ConfigDict, Strict, ValidationError

from devnexus.identity.issuer_keys import IssuerKeys
from devnexus.identity.names import is_address
from devnexus.identity.proven import Identity, NotVerified

LEEWAY_SECONDS = 30
"""By so much clocks may differ."""

REMEMBERED_SECONDS = 300.0
"""So long a key that its issuer took back may go on to be believed."""

_MOST_REMEMBERED = 4096
_ALGORITHM = "RS256"
_CLAIMS = ["iss", "aud", "exp", "iat"]
_GOOGLES_OWN = ("gmail.com", "gserviceaccount.com")
_STRIPPED = ".SIGNATURE_REMOVED_BY_GOOGLE"


class _Claims(BaseModel):
    model_config = ConfigDict(extra="ignore")

    exp: int
    email: str = ""
    email_verified: Annotated[bool, Strict()] = False
    hd: str = ""
    """The domain whose administrators manage the account."""


@dataclass(frozen=True)
class _Remembered:
    identity: Identity
    until: float


@dataclass(frozen=True)
class _Signed:
    """By whom a token says that it is signed, and with which key."""

    issuer: str
    keys: IssuerKeys
    key_id: str


class Tokens:
    """Verifies tokens, and remembers for a short time those that it verified. Any number of threads may."""

    def __init__(
        self,
        issuers: Mapping[str, IssuerKeys],
        *,
        audiences: Sequence[str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`issuers`: by the name that tokens give. `audiences`: whom a token may be meant for."""
        self._issuers = issuers
        self._audiences = audiences
        self._clock = clock
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()
        self._remembering = threading.Lock()

    async def identity(self, token: str) -> Identity:
        """Who the token names.

        Raises NotVerified if it proves nothing, and Unavailable where the issuer's keys cannot be had.
        """
        if known := self._known(token):
            return known
        signed = self._signed(token)
        return self._believed(token, signed, await signed.keys.key(signed.key_id))

    def identity_in_thread(self, token: str) -> Identity:
        """As `identity`, for a thread that may wait."""
        if known := self._known(token):
            return known
        signed = self._signed(token)
        return self._believed(token, signed, signed.keys.key_in_thread(signed.key_id))

    def _known(self, token: str) -> Identity | None:
        known = self._remembered.get(_hashed(token))
        return known.identity if known and self._clock() < known.until else None

    def _signed(self, token: str) -> _Signed:
        """What the token says of its signature; nothing of it is proven yet."""
        try:
            said = jwt.decode_complete(token, options={"verify_signature": False})
        except (exceptions.PyJWTError, ValueError) as error:
            raise NotVerified(self._why(error)) from error
        header, issuer = said["header"], said["payload"].get("iss")
        if header.get("alg") != _ALGORITHM:
            raise NotVerified(_WHY[exceptions.InvalidAlgorithmError])
        if token.endswith(_STRIPPED):
            raise NotVerified(_WITHOUT_SIGNATURE)
        keys = self._issuers.get(issuer) if isinstance(issuer, str) else None
        if keys is None:
            raise NotVerified(_WHY[exceptions.InvalidIssuerError])
        key_id = header.get("kid")
        if not isinstance(key_id, str):
            raise NotVerified(_WITHOUT_KEY)
        return _Signed(issuer, keys, key_id)

    def _believed(self, token: str, signed: _Signed, key: RSAPublicKey | None) -> Identity:
        """Whom the token names, if `key` is the one that it is signed with; from now on it is remembered."""
        if key is None:
            raise NotVerified(_WITHOUT_KEY)
        now = self._clock()
        claims = self._claims(token, signed.issuer, key)
        identity = _identity(claims)
        until = min(float(claims.exp), now + REMEMBERED_SECONDS)
        self._remember(_hashed(token), _Remembered(identity, until))
        return identity

    def _claims(self, token: str, issuer: str, key: RSAPublicKey) -> _Claims:
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[_ALGORITHM],
                audience=self._audiences,
                issuer=issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": _CLAIMS},
            )
            return _Claims.model_validate(claims)
        except (exceptions.PyJWTError, ValidationError, ValueError) as error:
            raise NotVerified(self._why(error)) from error

    def _remember(self, hashed: bytes, remembered: _Remembered) -> None:
        with self._remembering:
            self._remembered[hashed] = remembered
            self._remembered.move_to_end(hashed)
            while len(self._remembered) > _MOST_REMEMBERED:
                self._remembered.popitem(last=False)

    def _why(self, error: Exception) -> str:
        if isinstance(error, exceptions.InvalidAudienceError):
            meant = " or ".join(self._audiences)
            return f"The token is meant for another audience: get one for {meant}"
        return next((why for kind, why in _WHY.items() if isinstance(error, kind)), _MALFORMED)


_MALFORMED = "The credentials are no token that this service can read: send a Google ID token"
_WITHOUT_SIGNATURE = (
    "Cloud Run checked the token itself and took its signature away: send it a token of its own in"
    " X-Serverless-Authorization, or let it allow unauthenticated calls"
)
_WITHOUT_KEY = "The token is signed with a key that its issuer does not have: get a new one"
_WHY: Mapping[type[Exception], str] = {
    exceptions.ExpiredSignatureError: "The token has expired: get a new one",
    exceptions.ImmatureSignatureError: "The token is not valid yet: look at the clock of whoever made it",
    exceptions.InvalidSignatureError: "The token was changed, or signed by somebody else: get a new one",
    exceptions.InvalidAlgorithmError: f"The token is not signed with {_ALGORITHM}: send a Google ID token",
    exceptions.InvalidIssuerError: "The token is of an issuer that is not known here: send a Google ID token",
    exceptions.MissingRequiredClaimError: "The token lacks one of " + ", ".join(_CLAIMS),
}


def _hashed(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _identity(claims: _Claims) -> Identity:
    email = claims.email.lower()
    if not email:
        raise NotVerified("The token names no e-mail address: get one with it (gcloud: --include-email)")
    if not claims.email_verified:
        raise NotVerified("The token's issuer did not verify the e-mail address: verify it there")
    if not claims.email.isascii() or not is_address(email):
        raise NotVerified("The token's e-mail address has letters that are not taken here")
    return Identity(email, _vouching(email, claims.hd.lower()))


def _vouching(email: str, managed_by: str) -> str:
    """The domain of the address, if it is sure that who has the account belongs to it.

    Anybody who ever got mail at an address can keep a Google account in its name: after they have left
    as well. Such an account is not managed by the domain, and its tokens have no `hd`.
    """
    domain = email.rpartition("@")[2]
    is_googles = domain in _GOOGLES_OWN or domain.endswith(".gserviceaccount.com")
    return domain if is_googles or managed_by == domain else ""
