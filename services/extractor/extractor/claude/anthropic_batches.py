"""Claude through Anthropic's Message Batches API."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from anthropic import Anthropic, APIConnectionError, APIStatusError
from httpx2 import HTTPError

from devnexus.errors import Unavailable
from extractor.claude.anthropic_client import is_unsent, refusal, timeout
from extractor.claude.anthropic_wire import BatchLine, parameters, read
from extractor.claude.request import Answered, NotAnswered, OutcomeUnknown, Request

MOST_REQUESTS = 100_000
MOST_BYTES = 256_000_000
"""What Anthropic takes as one batch; the caller keeps within both."""

_SEND_SECONDS = 120.0
_READ_SECONDS = 60.0
_GONE = 404
_PER_PAGE = 100

_log = logging.getLogger(__name__)


class AnthropicBatches:
    """The Batches that `client` leads to.

    Requests of which Anthropic says nothing readable are missing in the answers; all of them are where
    the batch is unknown to it, or its results were thrown away (after 29 days).
    """

    def __init__(self, client: Anthropic) -> None:
        self._batches = client.messages.batches

    def send(self, requests: Mapping[str, Request]) -> str:
        """As promised by Batches."""
        named = [{"custom_id": name, "params": parameters(one)} for name, one in requests.items()]
        try:
            return self._batches.create(requests=named, timeout=timeout(_SEND_SECONDS)).id  # type: ignore[arg-type]
        except APIConnectionError as error:
            if is_unsent(error):
                raise Unavailable("Anthropic cannot be reached") from error
            raise OutcomeUnknown("nobody said whether the batch arrived") from error
        except APIStatusError as error:
            raise _unavailable(error) from None

    def answers(self, batch: str) -> Mapping[str, Answered | NotAnswered] | None:
        """As promised by Batches."""
        with _reading():
            try:
                told = self._batches.retrieve(batch, timeout=timeout(_READ_SECONDS))
                if told.processing_status != "ended":
                    return None
                if not told.results_url:
                    return {}
                return self._results(batch)
            except APIStatusError as error:
                if error.status_code != _GONE:
                    raise
                _log.warning("Anthropic knows nothing of a batch any more", extra={"batch": batch})
                return {}

    def sent_since(self, at: datetime) -> list[str]:
        """As promised by Batches."""
        found = []
        with _reading():
            for batch in self._batches.list(limit=_PER_PAGE, timeout=timeout(_READ_SECONDS)):
                if batch.created_at < at:
                    break  # the newest come first
                found.append(batch.id)
        return found

    def _results(self, batch: str) -> Mapping[str, Answered | NotAnswered]:
        results = self._batches.with_streaming_response.results
        with results(batch, timeout=timeout(_READ_SECONDS)) as response:
            return {line.custom_id: line.result.told() for line in _readable(response.iter_lines())}


def _readable(lines: Iterable[str]) -> Iterator[BatchLine]:
    for line in filter(None, lines):
        try:
            yield read(BatchLine, line)
        except ValueError:  # its text could repeat what stands in the answer
            _log.warning("a line among the results of a batch cannot be read")


@contextmanager
def _reading() -> Iterator[None]:
    """Failures become Unavailable: what is only read can be read again."""
    try:
        yield
    except APIStatusError as error:
        raise _unavailable(error) from None
    except (APIConnectionError, HTTPError) as error:
        raise Unavailable("Anthropic cannot be reached") from error


def _unavailable(error: APIStatusError) -> Unavailable:
    refused = refusal(error)
    return Unavailable(refused.because, retry_after_seconds=refused.retry_after_seconds)
