"""The page of one pattern: who uses it, and who is like them and does not."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.pages.links import Link, repository_link
from a2a_gateway.pages.lists import Shown, shown
from a2a_gateway.pages.production import HealthShown, health_shown
from devnexus.knowledge.projection import Projection

_USERS_SHOWN = 30
_USERS_COMPARED = 50
"""Looking for the like of more would keep a reader waiting in a base of a thousand repositories."""

_OTHERS_SHOWN = 20
_NAMED = 3


@dataclass(frozen=True)
class User:
    """A repository that uses the pattern."""

    repository: Link
    shown: Shown


@dataclass(frozen=True)
class Other:
    """A repository that does not use it, and some of those most like it that do."""

    repository: Link
    like: Sequence[Link]
    more: int


@dataclass(frozen=True)
class PatternPage:
    """What the page of a pattern shows."""

    id: str
    name: str
    category: str
    count: int
    of: int
    health: HealthShown
    users: Sequence[User]
    unlisted: Sequence[Link]
    others: Sequence[Other]


def pattern_page(reading: Reading, id_: str, now: datetime) -> PatternPage | None:
    """Who uses a pattern, the surest first; None where nobody does."""
    having = sorted(
        reading.having.get(id_, ()),
        key=lambda one: (-one.standing_patterns[id_].confidence, reading.name(one)),
    )
    if not having:
        return None
    pattern = having[0].standing_patterns[id_]
    return PatternPage(
        id=id_,
        name=pattern.name,
        category=pattern.category,
        count=len(having),
        of=len(reading.repositories),
        health=health_shown(reading, id_, now),
        users=[
            User(repository_link(reading.name(one)), shown(one, one.standing_patterns[id_]))
            for one in having[:_USERS_SHOWN]
        ],
        unlisted=[repository_link(reading.name(one)) for one in having[_USERS_SHOWN:]],
        others=_others(reading, id_, having[:_USERS_COMPARED]),
    )


def _others(reading: Reading, id_: str, having: Sequence[Projection]) -> list[Other]:
    """Those that the users are most like and that do not use it, the ones like most users first."""
    like: dict[str, list[Link]] = defaultdict(list)
    for user in having:
        for other in reading.like(user):
            if id_ not in other.standing_patterns:
                like[reading.name(other)].append(repository_link(reading.name(user)))
    ranked = sorted(like.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        Other(repository_link(name), users[:_NAMED], len(users[_NAMED:]))
        for name, users in ranked[:_OTHERS_SHOWN]
    ]
