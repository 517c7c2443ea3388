"""Which pattern a word of a caller's means, and what is near where it means none."""

from collections.abc import Set
from dataclasses import dataclass
from http import HTTPStatus

from a2a_gateway.answer import CannotAnswer
from a2a_gateway.knowledge.nearest import nearest_names
from a2a_gateway.knowledge.reading import Reading
from devnexus.taxonomy import load_taxonomy

_NEAR_SHOWN = 5
_CLOSE = 0.25


@dataclass(frozen=True)
class NamedPattern:
    """A pattern, and the word that it is known by."""

    id: str
    name: str
    others: tuple[str, ...] = ()
    """Ids of further patterns that the word may mean."""


class UnknownPattern(CannotAnswer):
    """Nobody uses a pattern of that name, and nobody told of one."""

    def __init__(self, word: str, near: list[str]) -> None:
        listed = "get_cross_repo_patterns with min_repos 1 names those in use"
        advice = f"Did you mean {' or '.join(near)}?" if near else listed
        error = f"Unknown pattern: {word}. {advice}"
        super().__init__(error, status=HTTPStatus.NOT_FOUND, near_patterns=near)


def named_pattern(word: str, knowledge: Reading, *, further: Set[str] = frozenset()) -> NamedPattern:
    """The pattern that `word` means: as an id, a name or an alias, whatever its case.

    Of several the one that most repositories have. Raises UnknownPattern where it stands in none, and is
    none of `further` ids.
    """
    meant = knowledge.patterns_meant(word) or {word.strip().lower()}
    known = [id_ for id_ in meant if id_ in knowledge.having or id_ in further]
    if not known:
        raise UnknownPattern(word, _near(word, knowledge))
    first, *others = sorted(known, key=lambda id_: (-len(knowledge.having.get(id_, ())), id_))
    return NamedPattern(first, name_of(first, knowledge), tuple(others))


def name_of(id_: str, knowledge: Reading) -> str:
    """What the pattern is called: by the repositories that have it, else by everybody."""
    if having := knowledge.having.get(id_):
        return having[0].standing_patterns[id_].name
    usual = load_taxonomy().get(id_)
    return usual.name if usual else id_


def _near(word: str, knowledge: Reading) -> list[str]:
    """The names of patterns in use that are written like `word`, the likest first."""
    names = [name_of(id_, knowledge) for id_ in knowledge.having]
    return nearest_names(word, names, most=_NEAR_SHOWN, least=_CLOSE)
