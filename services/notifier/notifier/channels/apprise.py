"""The channel `apprise`: e-mail and over a hundred other services, through apprise.

https://appriseit.com/services/
"""

import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import unquote

from pydantic import ValidationError

from devnexus.errors import ConfigurationError
from devnexus.events.notification_requested import Message
from devnexus.printable import printable
from devnexus.values import Value
from notifier import texts
from notifier.apprise_task import Outcome, Task
from notifier.channel import ChannelKind, DeliveryFailed, Surroundings
from notifier.fitting import fitted, shortened
from notifier.secret_names import SecretName, secret_of

SECONDS = 30.0
"""For one message; that apprise is loaded takes one or two of them."""

LONGEST_TITLE = 250
LONGEST_BODY = 20_000
_LONGEST_REASON = 300
_SHORTEST_SECRET = 4
_PIECE = re.compile(r"[^/:@]+")

_OTHER_CHANNELS = {
    **dict.fromkeys(("json", "xml", "form", "apprise"), "webhook"),
    "slack": "slack",
    "discord": "discord",
}
"""What has a channel of its own: one that signs, that knows limits, that lets nobody be called."""

_HERE = frozenset({"blink1", "dbus", "gio", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"})
"""Services of the machine that it runs on, where nobody looks."""

_PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""What the process sees of our environment: no secret, no proxy, no home."""


class AppriseFields(Value):
    """The name of the secret that is the address as apprise writes it: who, where and the password."""

    url: SecretName


class Apprise:
    """Tells one service."""

    def __init__(
        self, *, url: str, environment: Mapping[str, str], allow_private: bool, seconds: float = SECONDS
    ) -> None:
        self._url = url
        self._environment = environment
        self._allow_private = allow_private
        self._seconds = seconds

    def send(self, delivery_id: str, message: Message, at: datetime) -> None:
        """As promised by Channel; what passes and what does not, apprise does not tell apart."""
        lines = (texts.headline(message), *texts.told(message))
        outcome = self._performed(
            shortened(lines[0], LONGEST_TITLE, escape=_calling_nobody),
            fitted(lines, LONGEST_BODY, escape=_calling_nobody),
        )
        if outcome.private:
            raise DeliveryFailed(
                f"the service is at {printable(outcome.private)}, which is not public "
                "(allowed with ALLOW_PRIVATE_TARGETS=true)"
            )
        if not outcome.taken:
            said = " ".join(outcome.said) or "the service was not told, and why it did not say"
            raise DeliveryFailed(f"apprise: {_without_secrets(said, self._url)}")

    def schemes(self) -> tuple[str, ...]:
        """How addresses of the service begin; none where apprise knows no such service."""
        return self._performed("", "").schemes

    def _performed(self, title: str, body: str) -> Outcome:
        task = Task(
            url=self._url,
            title=title,
            body=body,
            allow_private=self._allow_private,
            seconds=self._seconds,
        )
        try:
            done = subprocess.run(  # nosec B603  # our own module, without a shell
                [sys.executable, "-m", "notifier.apprise_process"],
                input=task.model_dump_json().encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: self._environment[name] for name in _PASSED_ON if name in self._environment},
                timeout=self._seconds,
                check=True,
            )
            return Outcome.model_validate_json(done.stdout)
        except subprocess.TimeoutExpired:
            raise DeliveryFailed(f"apprise: the service was not told within {self._seconds:g} s") from None
        except (OSError, subprocess.CalledProcessError, ValidationError) as error:
            raise DeliveryFailed(f"apprise ended before its time: {type(error).__name__}") from None


def _calling_nobody(text: str) -> str:
    """With something invisible behind each @: what is a mention, every service sees in its own way."""
    return text.replace("@", "@\u2060")


def _without_secrets(said: str, url: str) -> str:
    """What apprise said, without anything that stands in the address, since all of it may be secret."""
    address, _, query = url.partition("://")[2].partition("?")
    pieces = {*_PIECE.findall(address), *(pair.partition("=")[2] for pair in query.split("&"))}
    for piece in sorted({*pieces, *map(unquote, pieces)}, key=len, reverse=True):
        if len(piece) >= _SHORTEST_SECRET:
            said = said.replace(piece, "…")
    return printable(said)[:_LONGEST_REASON]


def _open(fields: AppriseFields, surroundings: Surroundings) -> Apprise:
    secret = secret_of(
        "url", fields.url, surroundings, about="the address of a service, as apprise writes it"
    )
    channel = Apprise(
        url=secret.value.decode(errors="replace"),
        environment=surroundings.environment,
        allow_private=surroundings.allow_private_targets,
    )
    try:
        schemes = channel.schemes()
    except DeliveryFailed as error:
        raise ConfigurationError(f"url: {error}") from None
    if not schemes:
        raise ConfigurationError(
            f"url: {fields.url} does not hold an address that apprise knows, or its service needs a package "
            "that is not installed. They are listed at https://appriseit.com/services/"
        )
    for scheme in schemes:
        if scheme in _OTHER_CHANNELS:
            raise ConfigurationError(f"url: for {scheme}:// use the channel {_OTHER_CHANNELS[scheme]}")
        if scheme in _HERE:
            raise ConfigurationError(f"url: {scheme}:// tells only the machine that the notifier runs on")
    return channel


CHANNEL = ChannelKind(fields=AppriseFields, open=_open, digests=True)
