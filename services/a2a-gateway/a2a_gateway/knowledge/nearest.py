"""The names that somebody may have meant who wrote another one."""

from collections.abc import Iterable, Set
from heapq import nsmallest

from a2a_gateway.answer import UnknownRepository
from a2a_gateway.knowledge.reading import Reading

_NAMED = 100
_READ = 200
"""So many characters of a name are compared."""


def unknown_repository(name: str, knowledge: Reading) -> UnknownRepository:
    """The refusal for a repository that is not known, with the names that are nearest to it."""
    names = [knowledge.name(page) for page in knowledge.repositories]
    nearest = nearest_names(name, names, most=_NAMED)
    return UnknownRepository(name[:_READ], available_repositories=nearest, available_count=len(names))


def nearest_names(meant: str, names: Iterable[str], *, most: int) -> list[str]:
    """The names that share most of their letters with `meant`, in threes, best first."""
    wanted = _threes(meant)
    ranked = ((-_likeness(wanted, _threes(name)), name.casefold(), name) for name in names)
    return [name for *_, name in nsmallest(most, ranked)]


def _threes(name: str) -> Set[str]:
    padded = f"  {name[:_READ].casefold()} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}


def _likeness(one: Set[str], other: Set[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other))
