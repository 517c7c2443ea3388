"""Stands for Anthropic's API: messages and message batches on a real socket, as strict as the real one.

A test says what Claude answers, with a function from what was asked to a reply, and reads back what came:

    def obeys(asked: Asked) -> Reply:
        return {"files": [...]} if "ignore all rules" in asked.material else "no JSON at all"

    with FakeClaude(obeys) as claude:
        model, batches = open_claude(Secret(KEY), claude.url)
        ...
    assert len(claude.asked) == 1 and "retry-after" not in claude.asked[0].headers

A reply (`fakes.anthropic_replies`) is the text (str), an object that becomes JSON text, `Says` for other stop
reasons, or `Fails`, `HangsUp`, `Late`. `claude.next` holds replies that are given first, one to a request.
Where the function itself raises, the client gets a 500 and the `with` block ends with that very error.

Who sends what the real service refuses (`fakes.anthropic_refusals`) is refused here. Usage is told as the
prompt cache would: the parts of the system prompt marked for it are written once and read from then on.
`claude.paid` is what the service would send a bill for.

Batches are under way until `claude.end_batches()` answers them, with the same function; with
`ends_batches=True` that is at once. Within a batch `Fails` is an error of that request, and `Expires` and
`Cancelled` say what else may become of it. A `Fails` or `HangsUp` that is next when a batch comes meets the
sending itself.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from itertools import count
from typing import Any, Self

from fakes.anthropic_http import error_body, handler_of
from fakes.anthropic_refusals import faults_of
from fakes.anthropic_replies import Asked, Cancelled, Expires, Fails, HangsUp, Late, Reply, Says


@dataclass
class SentBatch:
    """A batch that came."""

    id: str
    requests: list[Asked]
    created_at: datetime
    results: dict[str, dict[str, Any]] | None = None
    """Its name within the batch → what became of a request; None while it is under way."""


class FakeClaude:
    """An API whose address is `url`; see above."""

    def __init__(
        self, answer: Callable[[Asked], Reply] = lambda _: "{}", *, ends_batches: bool = False
    ) -> None:
        self.answer = answer
        self.ends_batches = ends_batches
        self.next: list[Reply] = []
        self.asked: list[Asked] = []
        """What came to `/v1/messages`, refused or not, in order."""
        self.paid: list[Asked] = []
        """What was answered, whether somebody waited for it or not; in batches too."""
        self.batches: list[SentBatch] = []
        """The oldest first."""
        self.lists_per_page = 20
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.ending = threading.Event()
        self._lock = threading.Lock()
        self._cached: set[tuple[str, ...]] = set()
        self._numbers = count(1)
        self._raised: list[BaseException] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.ending.set()
        self._server.shutdown()
        self._server.server_close()
        if self._raised and kind is None:
            raise self._raised[0]

    def will_say(self, reply: Reply) -> None:
        """Say this to whatever is asked from now on."""
        self.answer = lambda _: reply

    def end_batches(self) -> None:
        """Answer everything in the batches that are under way."""
        for batch in self.batches:
            if batch.results is None:
                batch.results = {str(one.custom_id): self._result(one) for one in batch.requests}

    def reply_to(self, asked: Asked) -> Reply:
        """What is said to it, counted as paid where it is an answer."""
        with self._lock:
            planned = [self.next.pop(0)] if self.next else []
        try:
            reply = planned[0] if planned else self.answer(asked)
        except Exception as error:  # noqa: BLE001 - the test's own, raised where the server ends
            self._raised.append(error)
            return Fails(500, message="the function of the test raised")
        last = reply.then if isinstance(reply, Late) else reply
        if isinstance(last, str | Mapping | Says | HangsUp):
            with self._lock:
                self.paid.append(asked)
        return reply

    def message(self, asked: Asked, reply: str | Mapping[str, Any] | Says) -> dict[str, Any]:
        """The answer as the API tells it."""
        says = reply if isinstance(reply, Says) else Says(reply)
        text = says.text if isinstance(says.text, str) else json.dumps(says.text)
        text = {"max_tokens": text[: len(text) // 2], "refusal": ""}.get(says.stop, text)
        blocks: list[dict[str, Any]] = [{"type": "thinking", "thinking": "", "signature": "c2lnbg=="}]
        return {
            "id": f"msg_{next(self._numbers):04}",
            "type": "message",
            "role": "assistant",
            "model": asked.model,
            "content": blocks[: says.thinks] + [{"type": "text", "text": text}][: len(text)],
            "stop_reason": says.stop,
            "stop_sequence": None,
            "usage": self._usage(asked, text),
        }

    def _usage(self, asked: Asked, text: str) -> dict[str, Any]:
        written = read = 0
        prefix: tuple[str, ...] = (asked.model,)
        for part in asked.body.get("system", ()):
            prefix = (*prefix, part["text"])
            if "cache_control" in part:
                written, read = self._look_up(prefix, written, read)
        return {
            "input_tokens": _tokens("".join((*asked.system, asked.material))) - written - read,
            "cache_creation_input_tokens": written,
            "cache_read_input_tokens": read,
            "output_tokens": _tokens(text),
            "service_tier": "batch" if asked.custom_id else "standard",
        }

    def _look_up(self, prefix: tuple[str, ...], written: int, read: int) -> tuple[int, int]:
        tokens = _tokens("".join(prefix[1:]))
        with self._lock:
            if prefix in self._cached:
                return 0, tokens
            self._cached.add(prefix)
        return tokens - read, read

    def _result(self, asked: Asked) -> dict[str, Any]:
        reply = self.reply_to(asked)
        faults = list(faults_of(asked.body))
        if faults:
            reply = Fails(400, "invalid_request_error", faults[0])
        match reply:
            case Expires():
                return {"type": "expired"}
            case Cancelled():
                return {"type": "canceled"}
            case Fails():
                return {"type": "errored", "error": error_body(reply)}
            case str() | Mapping() | Says():
                return {"type": "succeeded", "message": self.message(asked, reply)}
        raise AssertionError(f"{reply} says nothing of a request in a batch")

    def take_batch(self, headers: Mapping[str, str], body: Mapping[str, Any]) -> SentBatch:
        """Keep a batch."""
        asked = [
            Asked("/v1/messages/batches", headers, one["params"], one["custom_id"])
            for one in body["requests"]
        ]
        batch = SentBatch(f"msgbatch_{next(self._numbers):04}", asked, self.now())
        self.batches.append(batch)
        if self.ends_batches:
            self.end_batches()
        return batch

    def told_of(self, batch: SentBatch) -> dict[str, Any]:
        """A batch as the API tells it."""
        results = list((batch.results or {}).values())
        kinds = ("succeeded", "errored", "canceled", "expired")
        counts = {kind: sum(one["type"] == kind for one in results) for kind in kinds}
        ended = batch.results is not None
        return {
            "id": batch.id,
            "type": "message_batch",
            "processing_status": "ended" if ended else "in_progress",
            "request_counts": {"processing": len(batch.requests) - len(results), **counts},
            "created_at": _timestamp(batch.created_at),
            "expires_at": _timestamp(batch.created_at + timedelta(days=1)),
            "ended_at": _timestamp(self.now()) if ended else None,
            "archived_at": None,
            "cancel_initiated_at": None,
            "results_url": f"{self.url}/v1/messages/batches/{batch.id}/results" if ended else None,
        }

    def page_of_batches(self, query: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """Those after the one named, the newest first."""
        newest_first = list(reversed(self.batches))
        ids = [batch.id for batch in newest_first]
        start = ids.index(query["after_id"][0]) + 1 if "after_id" in query else 0
        limit = min(int(query.get("limit", ["20"])[0]), self.lists_per_page)
        page = newest_first[start : start + limit]
        return {
            "data": [self.told_of(batch) for batch in page],
            "has_more": start + limit < len(ids),
            "first_id": page[0].id if page else None,
            "last_id": page[-1].id if page else None,
        }


def _tokens(text: str) -> int:
    return len(text) // 4 + 1


def _timestamp(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
