"""Anthropic's SDK, set up so that it keeps quiet, asks once and sends the key to nobody else."""

import ipaddress
import logging
import re
from urllib.parse import urlsplit

from anthropic import Anthropic, APIConnectionError, APIStatusError, DefaultHttpxClient, Timeout
from httpx2 import (
    ConnectError,
    ConnectTimeout,
    LocalProtocolError,
    PoolTimeout,
    ProxyError,
    UnsupportedProtocol,
    WriteError,
    WriteTimeout,
)

from devnexus.errors import ConfigurationError
from devnexus.secrets import Secret
from extractor.claude.anthropic_wire import fault_of
from extractor.claude.request import NotAnswered

_CONNECT_SECONDS = 5.0
_WRITE_SECONDS = 30.0
_UNSENT = (
    *(ConnectError, ConnectTimeout, PoolTimeout, ProxyError, UnsupportedProtocol, LocalProtocolError),
    *(WriteError, WriteTimeout),
)
"""With these the request never arrived as a whole, so nobody can have answered it."""
_LOUD = ("anthropic", "httpx2", "httpcore2")
"""Where ANTHROPIC_LOG is set these would write down whole prompts."""

_log = logging.getLogger(__name__)


def open_client(key: Secret, base_url: str) -> Anthropic:
    """A client for the API at `base_url`.

    Raises ConfigurationError where the key is none, or others could read it on its way.
    """
    address = urlsplit(base_url)
    if address.scheme != "https" and not (address.scheme == "http" and _is_here(address.hostname or "")):
        raise ConfigurationError("ANTHROPIC_BASE_URL is no https address: anybody between could read the key")
    client = Anthropic(
        api_key=_text(key),
        base_url=base_url,
        # Its own retries send again what may have been paid for, and wait as long as they are told.
        max_retries=0,
        http_client=DefaultHttpxClient(follow_redirects=False, timeout=timeout(60)),
        open_telemetry=False,
    )
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    return client


def timeout(seconds: float) -> Timeout:
    """How long an answer may be waited for."""
    return Timeout(seconds, connect=min(_CONNECT_SECONDS, seconds), write=min(_WRITE_SECONDS, seconds))


def is_unsent(error: APIConnectionError) -> bool:
    """Whether the request cannot have been answered."""
    return isinstance(error.__cause__, _UNSENT)


def refusal(error: APIStatusError) -> NotAnswered:
    """What it says, for people; where to look it up at Anthropic is logged."""
    refused = fault_of(error.body).not_answered(error.status_code, error.response.headers.get("retry-after"))
    _log.warning(
        "Anthropic gave no answer: %s",
        refused.because,
        extra={"status": error.status_code, "anthropic_request": str(error.request_id)[:80]},
    )
    return refused


def _text(key: Secret) -> str:
    text = key.value.decode("ascii", "replace")
    if re.fullmatch(r"[!-~]+", text) is None:
        raise ConfigurationError(
            "ANTHROPIC_API_KEY holds more than a key: it has no spaces and is plain ASCII"
        )
    return text


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
