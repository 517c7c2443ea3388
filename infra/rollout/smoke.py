"""Whether a revision does what it is there for: asked over HTTP, or read in its log."""

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable

from rollout.checks import BEHIND_A_LOAD_BALANCER, CHECKS, Answer, Check
from rollout.errors import Failed
from rollout.gcloud import Gcloud
from rollout.parts import CONSUMERS_FIRST, Part

READY = "ready"
"""What the writer logs when it has its settings, its knowledge base and its subscription."""

IAM_CREDENTIALS = "https://iamcredentials.googleapis.com"

_CALL_SECONDS = 30.0
_PAUSE_SECONDS = 2.0
_MOST_BYTES = 1_000_000


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Nowhere: a token is for whom it was sent to."""


class Smoke:
    """Tests what was deployed, each test anew until it passes or `patience_seconds` are over."""

    def __init__(
        self, gcloud: Gcloud, *, account: str, patience_seconds: float, iam: str = IAM_CREDENTIALS
    ) -> None:
        self._gcloud = gcloud
        self._account = account
        self._iam = iam
        self._patience_seconds = patience_seconds
        self._tokens: dict[str, str] = {}
        self._opener = urllib.request.build_opener(_NoRedirects)

    def service(self, part: Part, url: str) -> None:
        """Raise Failed unless the service that answers at `url` passes all its tests."""
        self._pass(CHECKS[part.name], part, url)

    def load_balancer(self, url: str) -> None:
        """Raise Failed unless the services behind this address pass those tests that can be asked there."""
        for part in CONSUMERS_FIRST:
            self._pass(BEHIND_A_LOAD_BALANCER.get(part.name, ()), part, url)

    def _pass(self, checks: Iterable[Check], part: Part, url: str) -> None:
        for check in checks:
            self._until(self._trying(check, part, url), f"{part.name} at {url} fails: {check.what}")

    def worker(self, revision: str) -> None:
        """Raise Failed unless an instance of this revision says in its log that it is ready."""
        wanted = (
            'resource.type="cloud_run_worker_pool"'
            f' AND resource.labels.revision_name="{revision}" AND jsonPayload.message="{READY}"'
        )

        def look() -> str | None:
            lines = self._gcloud.ask("logging", "read", wanted, "--freshness=1h", "--limit=1")
            return None if lines else "there is no such line"

        self._until(look, f"{revision} does not log that it is {READY}")

    def _trying(self, check: Check, part: Part, url: str) -> Callable[[], str | None]:
        headers = dict(check.headers)
        if check.with_token:
            headers["Authorization"] = f"Bearer {self._token(part.audience)}"
        request = urllib.request.Request(f"{url.rstrip('/')}{check.path}", check.body, headers)

        def attempt() -> str | None:
            answer = self._answer(request)
            return None if check.passes(answer) else f"last answer {answer}"

        return attempt

    def _answer(self, request: urllib.request.Request) -> Answer:
        try:
            with self._opener.open(request, timeout=_CALL_SECONDS) as answer:
                return Answer(answer.status, answer.read(_MOST_BYTES))
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, refusal.read(_MOST_BYTES))
        except (OSError, http.client.HTTPException) as error:
            return Answer(0, f"no answer: {error}".encode())

    def _until(self, attempt: Callable[[], str | None], failure: str) -> None:
        """Try at least once; an instance has to start, and an address to become known."""
        end = time.monotonic() + self._patience_seconds
        while (problem := attempt()) is not None:
            if time.monotonic() >= end:
                raise Failed(f"{failure} ({problem})")
            time.sleep(min(_PAUSE_SECONDS, self._patience_seconds))

    def _token(self, audience: str) -> str:
        """An identity token of the account, which gcloud would only give to who may be that account."""
        if audience not in self._tokens:
            request = urllib.request.Request(
                f"{self._iam}/v1/projects/-/serviceAccounts/{self._account}:generateIdToken",
                json.dumps({"audience": audience, "includeEmail": True}).encode(),
                {
                    "Authorization": f"Bearer {self._gcloud.run('auth', 'print-access-token').strip()}",
                    "Content-Type": "application/json",
                },
            )
            self._tokens[audience] = _token_in(self._answer(request), self._account)
        return self._tokens[audience]


def _token_in(answer: Answer, account: str) -> str:
    try:
        told = json.loads(answer.body) if answer.status == 200 else None
    except ValueError:
        told = None
    if isinstance(told, dict) and isinstance(told.get("token"), str):
        return str(told["token"])
    raise Failed(f"no identity token of {account}: {answer if answer.status != 200 else 'no JSON'}")
