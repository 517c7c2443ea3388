"""From credentials to a caller: the one place where it is decided who comes in."""

from dataclasses import dataclass

from a2a_gateway.callers.api_keys import ApiKeys
from a2a_gateway.callers.caller import Caller
from a2a_gateway.callers.credentials import Credentials
from a2a_gateway.callers.members import Members
from devnexus.identity.proven import NoCredentials, NotVerified
from devnexus.identity.tokens import Tokens


@dataclass(frozen=True)
class Callers:
    """Whoever may come in, and how they prove it."""

    anonymous: Caller | None
    """Who somebody is who does not say so; None: nobody that may come in."""
    members: Members = Members()
    api_keys: ApiKeys = ApiKeys()
    tokens: Tokens | None = None
    """None where nobody is named who could have one."""

    async def caller(self, credentials: Credentials | None) -> Caller:
        """Who calls. Credentials that prove nothing are never taken for none.

        Raises NotVerified, NotListed, or Unavailable where it cannot be found out at the moment.
        """
        if credentials is None:
            return self._without_credentials()
        if credentials.api_key:
            return self.members.caller(self.api_keys.identity(credentials.api_key))
        if self.tokens is None:
            raise NotVerified("No token is taken here, since nobody is named who could have one")
        return self.members.caller(await self.tokens.identity(credentials.token))

    def _without_credentials(self) -> Caller:
        if self.anonymous is None:
            raise NoCredentials("Send Authorization: Bearer with a Google ID token, or X-API-Key")
        return self.anonymous
