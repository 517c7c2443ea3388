"""The door to the web, for addresses that people configure: checked before a connection is made."""

from devnexus.outbound.answer import MOST, Answer
from devnexus.outbound.connection import Resolve
from devnexus.outbound.door import NoAnswer, NotPublic, Outbound
from devnexus.outbound.web_address import WebAddress, is_public, web_address

__all__ = [
    "MOST",
    "Answer",
    "NoAnswer",
    "NotPublic",
    "Outbound",
    "Resolve",
    "WebAddress",
    "is_public",
    "web_address",
]
