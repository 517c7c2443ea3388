"""Whom a push makes an exception without their doing: others of their kind now do what they do not."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from devnexus.alike.exceptions import Exceptions
from devnexus.alike.ways import WORTH
from devnexus.knowledge.projection import Projection
from devnexus.repository import RepositoryId
from similarity.indexes import Known

_MOST_TOLD = 50
_MOST_EXAMINED = 500

_log = logging.getLogger(__name__)

Gained = Mapping[RepositoryId, Set[str]]
"""Repository → the patterns that a push brought to it."""


class Near(NamedTuple):
    """A repository that is an exception, and those of its kind that gained something."""

    page: Projection
    changed: Sequence[Projection]
    about: Set[str]
    """The patterns that they gained."""
    exceptions: Exceptions
    """In these."""


class Bystander(NamedTuple):
    """A repository that is an exception since another one changed."""

    page: Projection
    because: Projection
    exceptions: Exceptions


def exceptions_near(gained: Gained, known: Known, *, besides: Collection[RepositoryId]) -> list[Near]:
    """The exceptions in what repositories of their kind gained; none of `besides`.

    What only changed who is of their kind is no news of anybody.
    """
    changed: dict[RepositoryId, list[Projection]] = defaultdict(list)
    for id_ in sorted(gained):
        page, common = known.view.repositories[id_], known.common(gained[id_])
        for other in known.of_its_kind(page) if common else ():
            if other.repository_id not in besides and _may_be_one(other, common):
                changed[other.repository_id].append(page)
    if len(changed) > _MOST_EXAMINED:
        _log.warning("%d may have become exceptions; %d are examined", len(changed), _MOST_EXAMINED)
    return list(_exceptions(gained, known, sorted(changed.items())[:_MOST_EXAMINED]))


def newly(near: Sequence[Near], gained: Gained, before: Known) -> list[Bystander]:
    """Those of them that were no exceptions before, at most 50."""
    found = list(_newly(near, gained, before))
    if len(found) > _MOST_TOLD:
        _log.warning("%d have become exceptions because of others; %d are told", len(found), _MOST_TOLD)
    return found[:_MOST_TOLD]


def _exceptions(
    gained: Gained, known: Known, near: Sequence[tuple[RepositoryId, Sequence[Projection]]]
) -> Iterator[Near]:
    for id_, changed in near:
        page = known.view.repositories[id_]
        about = {pattern for one in changed for pattern in gained[one.repository_id]}
        if exceptions := known.exceptions(page, about=about):
            yield Near(page, changed, about, exceptions)


def _may_be_one(page: Projection, gained: Set[str]) -> bool:
    """Whether it lacks some of what another one gained, or may do it with another package."""
    return any(pattern not in page.standing_patterns or pattern in WORTH for pattern in gained)


def _newly(near: Sequence[Near], gained: Gained, before: Known) -> Iterator[Bystander]:
    for page, changed, about, exceptions in near:
        old = before.view.repositories.get(page.repository_id)
        if old and (new := exceptions.beyond(before.exceptions(old, about=about))):
            because = next(one for one in changed if new.patterns & gained[one.repository_id])
            yield Bystander(page, because, new)
