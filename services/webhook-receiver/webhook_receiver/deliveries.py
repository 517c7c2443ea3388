"""The door to GitHub's memory of the App's webhooks.

https://docs.github.com/en/rest/apps/webhooks
"""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import parse_qs, urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from devnexus.errors import Unavailable
from devnexus.events.event import describe
from devnexus.github import GitHubApp
from devnexus.timestamps import Timestamp
from webhook_receiver.delivery_attempts import Attempt

_PLACE = "/app/hook/deliveries"
_PAGE = 100
_MOST_PAGES = 200
"""In one look: 20,000 attempts."""


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    id: int
    guid: str
    delivered_at: Timestamp
    status_code: int
    event: str
    repository_id: int | None = None


_PAGE_OF = TypeAdapter(tuple[_Wire, ...])


class Deliveries:
    """All attempts to deliver the App's webhooks, and a way to ask for another."""

    def __init__(self, app: GitHubApp) -> None:
        self._app = app

    def since(self, moment: datetime) -> Iterator[Attempt]:
        """The attempts from `moment` on, newest first; at most the 20,000 newest."""
        cursor: str | None = ""
        for _ in range(_MOST_PAGES):
            query = {"per_page": str(_PAGE), **({"cursor": cursor} if cursor else {})}
            answer = self._app.ask("GET", f"{_PLACE}?{urlencode(query)}")
            try:
                page = _PAGE_OF.validate_python(answer.body)
            except ValidationError as error:
                raise Unavailable(f"GitHub lists deliveries in another way: {describe(error)}") from error
            yield from (_attempt(one) for one in page if one.delivered_at >= moment)
            cursor = _next(answer.headers.get("link", ""))
            if not cursor or not page or page[-1].delivered_at < moment:
                return

    def again(self, attempt: Attempt) -> None:
        """Ask GitHub to deliver it again; it will come under the same guid, some time after this returns."""
        self._app.ask("POST", f"{_PLACE}/{attempt.id}/attempts")


def _attempt(wire: _Wire) -> Attempt:
    return Attempt(
        id=wire.id,
        guid=wire.guid,
        at=wire.delivered_at,
        is_ok=200 <= wire.status_code < 300,
        event=wire.event,
        repository=wire.repository_id,
    )


def _next(link: str) -> str | None:
    """The cursor of the next page in a Link header, None where this was the last."""
    for part in link.split(","):
        address, _, relation = part.partition(";")
        if 'rel="next"' in relation:
            found = parse_qs(urlsplit(address.strip().strip("<>")).query).get("cursor")
            return found[0] if found else None
    return None
