"""Who is told: a webhook and a Slack, that at times take nothing."""

import json
import time
from collections import Counter
from random import Random

from fakes.slack import CHANNEL, TOKEN, FakeSlack
from fakes.webhook_target import Answer, Received, WebhookTarget

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ROUTES = """\
targets:
  team: {channel: webhook, url: "%s", secret: TEAM_SECRET}
  chat: {channel: slack, token: SLACK_TOKEN, slack_channel: %s}
routes:
  - to: [team, chat]
"""
_SLOW_SECONDS = 12.0
"""Longer than anybody waits for an answer."""


class Mood:
    """What the targets answer with at the moment: `500`, `429`, `slow`, or nothing of the kind."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.now: set[str] = set()

    def answer(self) -> Answer | None:
        """What goes wrong with a request, if anything."""
        if "slow" in self.now and self._random.random() < 0.5:
            time.sleep(_SLOW_SECONDS)  # and then it is taken, though nobody waits any more
            return None
        if "500" in self.now:
            return 500
        return (429, {"Retry-After": "2"}) if "429" in self.now else None


class _Moody(WebhookTarget):
    """One that does not always take what it is sent, and remembers which deliveries it took."""

    def __init__(self, mood: Mood) -> None:
        super().__init__()
        self.mood = mood
        self.took: list[str] = []

    def _take(self, request: Received) -> tuple[int, dict[str, str], bytes]:
        match self.mood.answer():
            case None:
                status, headers, content = super()._take(request)
                return status, dict(headers), content
            case int(status):
                return status, {}, b""
            case (status, headers, *_):
                return status, dict(headers), b""


class Team(_Moody):
    """A webhook."""

    def usual_answer(self, request: Received) -> Answer:
        """It takes whatever comes."""
        self.took.append(request.delivery_id)
        return 204


class Chat(_Moody, FakeSlack):
    """A Slack, which takes no ill-formed message."""

    def usual_answer(self, request: Received) -> Answer:
        """As the reference of Slack has it."""
        answer = super().usual_answer(request)
        content = json.loads(request.body)
        told = json.loads(answer[2]) if isinstance(answer, tuple) and len(answer) == 3 else {}
        if told.get("ok"):
            self.took.append(content["metadata"]["event_payload"]["delivery_id"])
        return answer


class Targets:
    """Both of them; a context manager."""

    def __init__(self, random: Random) -> None:
        self.mood = Mood(random)
        self.team, self.chat = Team(self.mood), Chat(self.mood)

    def __enter__(self) -> "Targets":
        for target in (self.team, self.chat):
            target._server.handle_error = lambda *_: None  # who was killed no longer listens
            target.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.mood.now.clear()
        for target in (self.team, self.chat):
            target.__exit__()

    @property
    def routes(self) -> str:
        """The content of ROUTES_FILE."""
        return ROUTES % (self.team.url, CHANNEL)

    def environment(self) -> dict[str, str]:
        """How the notifier finds them."""
        return {
            "TEAM_SECRET": SECRET,
            "SLACK_TOKEN": TOKEN,
            "SLACK_API_URL": f"{self.chat.base}/api",
        }

    def took(self) -> Counter[str]:
        """Delivery id → how often its target took it."""
        return Counter([*self.team.took, *self.chat.took])
