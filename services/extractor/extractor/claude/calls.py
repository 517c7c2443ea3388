"""What was asked and paid for: the port to the operational store. Nothing is asked before it is claimed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from devnexus.repository import RepositoryId
from extractor.claude.request import Usage
from extractor.claude.said import Said


@dataclass(frozen=True)
class Call:
    """One question about some pieces of one repository."""

    id: str
    """A digest of the repository, the reader and the pieces: the same question has the same id."""
    repository: RepositoryId
    name: str
    """What the repository is called, for `devnexus costs`."""
    record_id: str
    """The push or snapshot that it is for."""
    model: str
    reader: str
    """For whom the answer is kept: the model and the brief that asked it, whoever takes the answer."""
    pieces: tuple[str, ...]
    """Their digests."""
    in_batch: bool = False


@dataclass(frozen=True)
class Limits:
    """How many calls may be made on one day (UTC), those in batches included."""

    per_day: int
    per_repository: int


@dataclass(frozen=True)
class Known:
    """What is kept of a piece or a blob."""

    said: Said | None
    """None: Claude answered with nothing that can be used, and is not asked again."""
    because: str = ""
    """Why there is nothing, such as `refused`."""


@dataclass(frozen=True)
class Claimed:
    """The call is ours to make."""


@dataclass(frozen=True)
class Busy:
    """Another process makes this very call now."""

    seconds: float
    """After so long it will have ended or died."""


@dataclass(frozen=True)
class OutcomeLost:
    """Somebody made this call and never said what came of it: it may be paid for. Or a batch holds it."""

    because: str = "an earlier call about this was interrupted"


@dataclass(frozen=True)
class OverBudget:
    """The day's calls are used up."""

    because: str
    """Which limit it was, in words for people."""


Claim = Claimed | Busy | OutcomeLost | OverBudget
"""What became of the wish to make a call."""


@dataclass(frozen=True)
class Spent:
    """What the calls for one push or snapshot took."""

    calls: int
    usage: Usage
    cost_usd: float


class Calls(Protocol):
    """Keeps calls, answers and budgets; every method raises Unavailable where it may not have kept it."""

    def known(self, repository: RepositoryId, reader: str, digests: Sequence[str]) -> Mapping[str, Known]:
        """Those of the digests (of pieces, or `blob:<object id>`) that were read by this reader."""

    def claim(self, call: Call, limits: Limits, *, now: datetime) -> Claim:
        """Take the call, and one of the day's calls of organisation and repository: all or nothing.

        A call whose outcome was lost can be claimed once more as one in a batch.
        """

    def answered(
        self,
        call: Call,
        known: Mapping[str, Known],
        usage: Usage,
        cost_usd: float,
        *,
        now: datetime,
    ) -> None:
        """Keep what was said of each piece and what it cost, in one go."""

    def given_back(self, call: Call, *, now: datetime) -> None:
        """Nothing was paid: the call, and its part of the budget, are free again."""

    def remember(
        self, repository: RepositoryId, reader: str, known: Mapping[str, Known], *, now: datetime
    ) -> None:
        """Keep what follows from what was said, such as all that is known of a blob; it costs nothing."""

    def asked(self, record_id: str) -> frozenset[str]:
        """Digests of the pieces that answered calls for this push or snapshot were about."""

    def spent(self, record_id: str) -> Spent:
        """What the calls for this push or snapshot took, also those made before by another process."""
