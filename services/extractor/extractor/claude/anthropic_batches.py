"""Claude by Anthropic's Message Batches API: half the price, within a day.

https://platform.claude.com/docs/en/build-with-claude/batch-processing: at most 100,000 requests or 256 MB.
"""

from collections.abc import Mapping
from datetime import datetime

from anthropic import Anthropic, APIConnectionError, APIError, APIStatusError
from anthropic.types.messages import MessageBatchIndividualResponse
from httpx2 import ConnectError, ConnectTimeout, PoolTimeout

from devnexus.errors import Unavailable
from extractor.claude.anthropic_failures import refused, refused_in_batch
from extractor.claude.anthropic_messages import answer, parameters
from extractor.claude.request import Answered, NotAnswered, OutcomeUnknown, Request


class AnthropicBatches:
    """Batches on the client of the SDK, which must not try again by itself."""

    def __init__(self, client: Anthropic) -> None:
        self._client = client

    def send(self, requests: Mapping[str, Request]) -> str:
        """As promised by Batches."""
        try:
            batch = self._client.messages.batches.create(
                requests=[
                    {"custom_id": id_, "params": parameters(request)} for id_, request in requests.items()
                ]
            )
        except APIStatusError as error:
            raise _unavailable(error) from error
        except APIConnectionError as error:
            if isinstance(error.__cause__, (ConnectError, ConnectTimeout, PoolTimeout)):
                raise Unavailable("Anthropic's API cannot be reached") from error
            raise OutcomeUnknown("the connection was lost") from error
        return batch.id

    def answers(self, batch: str) -> Mapping[str, Answered | NotAnswered] | None:
        """As promised by Batches."""
        try:
            if self._client.messages.batches.retrieve(batch).processing_status != "ended":
                return None
            return {one.custom_id: _result(one) for one in self._client.messages.batches.results(batch)}
        except APIStatusError as error:
            raise _unavailable(error) from error
        except APIError as error:
            raise Unavailable("Anthropic's API did not tell of a batch") from error

    def sent_since(self, at: datetime) -> list[str]:
        """As promised by Batches."""
        found: list[str] = []
        try:
            for batch in self._client.messages.batches.list(limit=100):  # the newest first
                if batch.created_at < at:
                    break
                found.append(batch.id)
        except APIStatusError as error:
            raise _unavailable(error) from error
        except APIError as error:
            raise Unavailable("Anthropic's API did not tell of its batches") from error
        return found


def _result(one: MessageBatchIndividualResponse) -> Answered | NotAnswered:
    result = one.result
    if result.type == "succeeded":
        return answer(result.message)
    if result.type == "errored":
        return refused_in_batch({"type": result.error.error.type})
    return NotAnswered(f"the batch {result.type} before its turn came")


def _unavailable(error: APIStatusError) -> Unavailable:
    told = refused(error.status_code, error.response.headers.get("retry-after"))
    return Unavailable(told.because, retry_after_seconds=told.retry_after_seconds)
