"""What is said around every answer, and the two other things that a call may be answered."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from a2a_gateway.answer import Part
from devnexus.timestamps import Timestamp


class Age(Part):
    """As of what an answer was given."""

    revision: str
    """The commit of the knowledge base that this holds at."""
    stale_seconds: int
    """0, or for how long nobody could confirm that this is the newest revision."""


class Stamp(Age):
    """As of what an answer was given, when, and how long it took."""

    timestamp: Timestamp
    """When the answer was given (UTC)."""
    execution_time_ms: int


class Queued(Stamp):
    """The work takes longer than a call should: ask for it by its id."""

    success: Literal[True] = True
    state: Literal["async_queued"] = "async_queued"
    workflow_id: str
    """`GET /a2a/workflow/{workflow_id}` tells how far it is, and its answer at the end."""
    polling_interval_ms: int
    """How long to wait before asking."""


class Refusal(BaseModel):
    """Why there is no answer. Some skills add fields of their own: what was meant, what there is instead."""

    model_config = ConfigDict(extra="allow")

    success: Literal[False] = False
    error: str
    """What is wrong, naming the field where it is one, and what to do about it."""
