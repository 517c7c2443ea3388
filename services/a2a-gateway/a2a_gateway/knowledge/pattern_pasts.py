"""Where a pattern came and went, repository by repository, as far as one call may read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

from a2a_gateway.answer import CannotAnswer
from a2a_gateway.knowledge.reading import Reading
from devnexus.knowledge.history import load_history
from devnexus.knowledge.pattern_past import Turn, last_turns, turns
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.store import Damaged
from devnexus.taxonomy import load_taxonomy

MOST_RECORDS = 3000
"""Pushes and snapshots that are read for one answer, at most; it takes about 0.2 ms for each."""


@dataclass(frozen=True)
class PatternPast:
    """The turns of one pattern in one repository, oldest first."""

    page: Projection
    turns: Sequence[Turn]
    is_whole: bool
    """False where there is too much to read, so that only the last 10 pushes and snapshots were."""


def pattern_past(id_: str, page: Projection, knowledge: Reading) -> PatternPast:
    """Read the past of a pattern in a repository. Raises Unavailable or CannotAnswer if that fails."""
    words, category = cache(knowledge.words(page).id), category_of(id_, knowledge)
    if _size(page) > MOST_RECORDS:
        found = last_turns(page, id_, words, lambda other: category_of(other, knowledge))
        return PatternPast(page, found, is_whole=False)
    try:
        records = load_history(knowledge.store, page.repository_id, at=knowledge.revision)
    except Damaged as error:
        problem = f"The history of {knowledge.name(page)} cannot be read: it is damaged"
        raise CannotAnswer(problem, status=HTTPStatus.SERVICE_UNAVAILABLE) from error
    return PatternPast(page, turns(records, id_, words, category), is_whole=True)


def readable(pages: Sequence[Projection]) -> int:
    """How many of these, from the first on, one answer may read the history of; at least one."""
    left = MOST_RECORDS
    for number, page in enumerate(pages):
        left -= _size(page) if _size(page) <= MOST_RECORDS else 0
        if left < 0:
            return max(1, number)
    return len(pages)


def candidates(id_: str, knowledge: Reading) -> Sequence[Projection]:
    """Every repository: first where the pattern went lately, then where it stands, then the others."""
    went = {page.repository_id for page in went_lately(knowledge).get(id_, ())}

    def rank(page: Projection) -> int:
        return 0 if page.repository_id in went else 1 if id_ in page.standing_patterns else 2

    return [page for page in sorted(knowledge.repositories, key=rank) if not _is_hidden(id_, page, knowledge)]


def went_lately(knowledge: Reading) -> Mapping[str, Sequence[Projection]]:
    """Id of a pattern → the repositories that had it before one of their last 10 pushes or snapshots."""
    found: dict[str, list[Projection]] = defaultdict(list)
    for page in knowledge.repositories:
        if gone := {id_ for record in page.recent for id_ in record.gone}:
            words = knowledge.words(page)
            for id_ in {words.id(one) for one in gone}:
                found[id_].append(page)
    return found


def category_of(id_: str, knowledge: Reading) -> str | None:
    """What kind of pattern it is: as repositories have it, else as everybody says."""
    if having := knowledge.having.get(id_):
        return having[0].standing_patterns[id_].category
    usual = load_taxonomy().get(id_)
    return usual.category if usual else None


def _size(page: Projection) -> int:
    return page.pushes + page.snapshots


def _is_hidden(id_: str, page: Projection, knowledge: Reading) -> bool:
    """Whether people say that the repository does not have it, and never had."""
    hidden = [one.pattern for one in knowledge.corrections(page).hide if one.pattern]
    return bool(hidden) and id_ in map(knowledge.words(page).id, hidden)
