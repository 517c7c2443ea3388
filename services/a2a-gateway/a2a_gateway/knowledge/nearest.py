"""Names that callers write: what they mean, and what they may mean where there is nothing of that name."""

from collections.abc import Iterable, Set
from heapq import nsmallest
from http import HTTPStatus

from a2a_gateway.answer import CannotAnswer
from a2a_gateway.knowledge.reading import Reading
from devnexus.knowledge.projection import Projection

_NAMED = 100
_CLOSE = 0.65
_READ = 200
"""So many characters of a name are compared."""


class UnknownRepository(CannotAnswer):
    """No repository of that name is known, or not one that this caller may see; the nearest are named."""

    def __init__(self, name: str, knowledge: Reading) -> None:
        names = [knowledge.name(page) for page in knowledge.repositories]
        close = nearest_names(name, names, most=1, least=_CLOSE)
        advice = f"Did you mean {close[0]}?" if close else "get_repository_list names those that are known"
        super().__init__(
            f"Unknown repository: {name[:_READ]}. {advice}",
            status=HTTPStatus.NOT_FOUND,
            available_repositories=nearest_names(name, names, most=_NAMED),
            available_count=len(names),
        )


def known_repository(name: str, knowledge: Reading) -> Projection:
    """The repository of that name, whatever its case; raise UnknownRepository where there is none."""
    page = knowledge.named(name)
    if page is None:
        raise UnknownRepository(name, knowledge)
    return page


def nearest_names(meant: str, names: Iterable[str], *, most: int, least: float = 0.0) -> list[str]:
    """The names that share most of their letters with `meant`, in threes, best first.

    `least`: how much of them they must share, from 0 to 1.
    """
    wanted = _threes(meant)
    ranked = ((-_likeness(wanted, _threes(name)), name.casefold(), name) for name in names)
    return [name for rank, _, name in nsmallest(most, ranked) if -rank >= least]


def _threes(name: str) -> Set[str]:
    padded = f"  {name[:_READ].casefold()} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}


def _likeness(one: Set[str], other: Set[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other))
