"""The channel `github_check`: a notice becomes a neutral check on the commit that it is about.

https://docs.github.com/en/rest/checks/runs
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from devnexus.errors import Unavailable
from devnexus.events.notification_requested import Message, Notice
from devnexus.github_refusals import Refused
from devnexus.timestamps import write
from devnexus.values import Value
from notifier import texts
from notifier.channel import ChannelKind, DeliveryFailed, Surroundings

if TYPE_CHECKING:
    from devnexus.github import GitHubApp, GitHubRepository, Patience

NAME = "dev-nexus"
PER_MINUTE, PER_HOUR = 20, 125
"""A quarter of the content that GitHub lets an App create: the knowledge base is written with the rest."""

_LONGEST_TITLE = 255
_LONGEST_SUMMARY = 65_000
"""GitHub takes 65,535 characters."""

_FOR_GOOD = frozenset({403, 404, 410, 422})


class GitHubCheckFields(Value):
    """Which App it is stands in the environment, as for the other services."""


class GitHubCheck:
    """Puts notices on commits, for the repositories that an App with `checks: write` is installed on."""

    def __init__(self, app: "GitHubApp", *, host: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._host = host
        self._clock = clock
        self._created: deque[float] = deque()
        self._lock = threading.Lock()

    def send(self, delivery_id: str, message: Message, at: datetime) -> None:
        """As promised by Channel. A notice that is sent again replaces what it said before."""
        if not isinstance(message, Notice):
            raise DeliveryFailed("a check is about one commit", permanent=True)
        notice = message
        if notice.test:
            raise DeliveryFailed("a check is about one commit, so only a push shows it", permanent=True)
        if notice.repository.id.partition("/")[0] != self._host:
            raise DeliveryFailed(f"{notice.repository.name} is not on {self._host}", permanent=True)
        self._take_share()
        try:
            github = self._app.repository(notice.repository.name)
            self._put(github, _check(delivery_id, notice, at), notice.commit)
        except Refused as error:
            self._app.forget(notice.repository.name)
            raise DeliveryFailed(_reason(error), permanent=error.status in _FOR_GOOD) from error
        except Unavailable as error:
            raise DeliveryFailed(str(error), retry_after=error.retry_after_seconds) from error

    def _put(self, github: "GitHubRepository", check: Mapping[str, object], commit: str) -> None:
        asked: dict[str, str | int] = {"check_name": NAME, "per_page": 100}
        listed = github.get(f"/commits/{commit}/check-runs", asked).body["check_runs"]
        same = (one["id"] for one in listed if one.get("external_id") == check["external_id"])
        number = next(same, None)
        if number is None:
            github.send("POST", "/check-runs", check)
        else:
            github.send("PATCH", f"/check-runs/{number}", check)

    def _take_share(self) -> None:
        with self._lock:
            now = self._clock()
            while self._created and self._created[0] <= now - 3600:
                self._created.popleft()
            for window, allowed in ((60.0, PER_MINUTE), (3600.0, PER_HOUR)):
                used = [then for then in self._created if then > now - window]
                if len(used) >= allowed:
                    raise DeliveryFailed(
                        "so many checks were made that the knowledge base needs what GitHub still allows",
                        retry_after=used[-allowed] + window - now,
                    )
            self._created.append(now)


def _check(delivery_id: str, notice: Notice, at: datetime) -> Mapping[str, object]:
    return {
        "name": NAME,
        "head_sha": notice.commit,
        "external_id": delivery_id,
        "status": "completed",
        "conclusion": "neutral",
        "completed_at": write(at),
        "output": {
            "title": texts.headline(notice)[:_LONGEST_TITLE],
            "summary": texts.markdown(notice)[:_LONGEST_SUMMARY],
        },
    }


def _reason(error: Refused) -> str:
    if error.status == 403:
        return f'{error}. The App needs the permission "checks: write"'
    return str(error)


def open_github_check(environment: Mapping[str, str], *, patience: "Patience | None" = None) -> GitHubCheck:
    """The channel for the App that `environment` names; raise ConfigurationError where it names none."""
    # GitHub's client takes a tenth of a second to import: only those should pay whose routes name the channel
    from devnexus.github import API_URL, PATIENT, GitHubApp  # noqa: PLC0415

    api = urlsplit(environment.get("GITHUB_API_URL") or API_URL).hostname or ""
    app = GitHubApp(environment, access="checks", patience=patience or PATIENT)
    return GitHubCheck(app, host=api.removeprefix("api."))


def _open(fields: GitHubCheckFields, surroundings: Surroundings) -> GitHubCheck:
    return open_github_check(surroundings.environment)


CHANNEL = ChannelKind(fields=GitHubCheckFields, open=_open, summaries=False)
