"""Which addresses we may be sent to: whole web addresses, and public places of the network."""

import ipaddress
import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

_PRINTABLE = re.compile(r"[!-~]+")
_PORTS = {"http": 80, "https": 443}
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_CARRIES_IPV4 = (ipaddress.ip_network("2001::/32"), ipaddress.ip_network("2002::/16"))
"""Teredo and 6to4: an address of another network is inside."""


@dataclass(frozen=True, repr=False)
class WebAddress:
    """A web address in its parts. It does not show its path and query: they may hold a secret."""

    scheme: str
    host: str
    port: int
    path: str
    """With the query, as in the request line."""

    def under(self, path: str) -> "WebAddress":
        """The address of `path`, which begins with a slash, below this one."""
        return replace(self, path=self.path.rstrip("/") + path)

    def __repr__(self) -> str:
        return f"WebAddress({self.host!r}, …)"


def web_address(text: str, *, allow_private: bool) -> WebAddress:
    """`text` in its parts; raise ValueError, saying what to write, unless we may be sent there."""
    if not _PRINTABLE.fullmatch(text):
        raise ValueError("write it in ASCII without spaces (a host as punycode, a path percent-encoded)")
    parts = urlsplit(text)
    schemes = ("https", "http") if allow_private else ("https",)
    if parts.scheme not in schemes or not parts.hostname:
        plain = "" if allow_private else " (plain http only with ALLOW_PRIVATE_TARGETS=true)"
        raise ValueError(f"write a whole address such as https://example.org/hook{plain}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("leave out user and password: they are not sent")
    if not allow_private and _is_literal(parts.hostname) and not is_public(parts.hostname):
        raise ValueError(
            f"{parts.hostname} is not a public address (allowed with ALLOW_PRIVATE_TARGETS=true)"
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    port = parts.port if parts.port is not None else _PORTS[parts.scheme]
    return WebAddress(scheme=parts.scheme, host=parts.hostname, port=port, path=path)


def is_public(address: str) -> bool:
    """Whether `address` (of IP) is one that the whole Internet reaches, and nothing of our own network."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast
    # is_global takes NAT64 and, in older Pythons, more of those that lead into IPv4 for global
    return ip.is_global and ip in _GLOBAL_UNICAST and not any(ip in network for network in _CARRIES_IPV4)


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
