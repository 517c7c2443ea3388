"""Registering the App: a page leads to GitHub, GitHub leads back with a code, and that brings the keys."""

import http.server
import json
import os
import secrets
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from devnexus.errors import ConfigurationError, Unavailable
from devnexus.printable import printable

_SECONDS = 20


class Registered(BaseModel):
    """What GitHub tells once of a new App."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: int
    slug: str
    html_url: str
    pem: str
    webhook_secret: str


@dataclass(frozen=True)
class KeyFiles:
    """Where the keys of the App were put."""

    private_key: Path
    webhook_secret: Path


class Waiting:
    """A server on this machine that shows the page and waits for GitHub to lead the browser back."""

    def __init__(self) -> None:
        self.state = secrets.token_urlsafe(16)
        """What GitHub has to bring back: nobody else may hand in a code."""
        self._page = ""
        self._code: str | None = None
        self._server = http.server.HTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def redirect_url(self) -> str:
        """Where GitHub shall lead."""
        return f"{self.address}/registered"

    def wait(self, page: str) -> str:
        """Show `page` until GitHub has led back, and return the code that it brought."""
        self._page = page
        with self._server:
            while self._code is None:
                self._server.handle_request()
        return self._code

    def _answer(self, target: str) -> tuple[int, str]:
        address = urlsplit(target)
        if address.path == "/":
            return 200, self._page
        query = parse_qs(address.query)
        if address.path != "/registered":
            return 404, "There is nothing here."
        if not secrets.compare_digest(query.get("state", [""])[0], self.state) or "code" not in query:
            return 400, "This does not come from the page that this command shows."
        self._code = query["code"][0]
        return 200, "The App is registered. You can close this page; the terminal says how to go on."

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        answer = self._answer

        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = _SECONDS

            def do_GET(self) -> None:
                status, text = answer(self.path)
                content = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                """The address holds the code: it is not written anywhere."""

        return Handler


def converted(code: str, *, api_url: str) -> Registered:
    """The App that `code` stands for: GitHub tells its keys once, and within an hour.

    Raises ConfigurationError where the code is not known (any more), Unavailable where GitHub is away.
    """
    request = urllib.request.Request(
        f"{api_url}/app-manifests/{quote(code, safe='')}/conversions",
        method="POST",
        headers={"Accept": "application/vnd.github+json", "User-Agent": "dev-nexus"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # nosec B310  # GitHub, over https
            return Registered.model_validate(json.load(answer))
    except urllib.error.HTTPError as error:
        if error.code >= 500:
            raise Unavailable(
                f"GitHub failed with {error.code}; try again: --code keeps for an hour"
            ) from error
        raise ConfigurationError(
            f"GitHub does not know this code (any more; {error.code}): a code works once, within an hour. "
            "If the App is there, make a private key and a webhook secret in its settings"
        ) from error
    except (OSError, ValueError) as error:
        said = "an answer that is none" if isinstance(error, ValidationError | ValueError) else str(error)
        raise Unavailable(
            f"GitHub did not tell the keys ({printable(said)}); try again with --code"
        ) from error


def write_keys(app: Registered, folder: Path) -> KeyFiles:
    """Put the keys into files that only you may read; raise ConfigurationError rather than overwrite any."""
    files = KeyFiles(folder / "private-key.pem", folder / "webhook-secret")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path, content in ((files.private_key, app.pem), (files.webhook_secret, app.webhook_secret)):
        _write(path, content)
    return files


def refuse_to_overwrite(folder: Path) -> None:
    """Raise ConfigurationError where keys are there already, before GitHub has made new ones."""
    there = [path for path in (folder / "private-key.pem", folder / "webhook-secret") if path.exists()]
    if there:
        raise ConfigurationError(
            f"{there[0]} is there already; name another folder with --keys, or move it away"
        )


def _write(path: Path, content: str) -> None:
    def opener(name: str, flags: int) -> int:
        return os.open(name, flags, 0o600)

    with open(path, "x", encoding="ascii", opener=opener) as file:
        file.write(content)
