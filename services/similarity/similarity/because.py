"""Whom a push makes an exception without their doing: others of their kind now do what they do not."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from devnexus.alike.exceptions import Exceptions
from devnexus.knowledge.projection import Projection
from devnexus.repository import RepositoryId
from similarity.indexes import Known

MOST_TOLD = 50
_MOST_EXAMINED = 500

_log = logging.getLogger(__name__)

Gained = Mapping[RepositoryId, Set[str]]
"""Repository → the patterns that a push brought to it."""


class Near(NamedTuple):
    """A repository that is an exception, and what changed among those of its kind."""

    page: Projection
    gained: Sequence[tuple[Projection, Set[str]]]
    exceptions: Exceptions


class Bystander(NamedTuple):
    """A repository that is an exception since another one changed."""

    page: Projection
    because: Projection
    exceptions: Exceptions


def exceptions_near(gained: Gained, known: Known, *, besides: Collection[RepositoryId]) -> list[Near]:
    """The exceptions to whose kind a repository belongs that gained something; none of `besides`."""
    found: dict[RepositoryId, list[tuple[Projection, Set[str]]]] = defaultdict(list)
    for id_, patterns in sorted(gained.items()):
        page = known.view.repositories[id_]
        for other in known.whose_kind(page) if patterns else ():
            if other.repository_id not in besides:
                found[other.repository_id].append((page, patterns))
    if len(found) > _MOST_EXAMINED:
        _log.warning(
            "%d repositories may have become exceptions; %d are examined", len(found), _MOST_EXAMINED
        )
    pages = ((known.view.repositories[id_], found[id_]) for id_ in sorted(found)[:_MOST_EXAMINED])
    return [Near(page, those, exceptions) for page, those in pages if (exceptions := known.exceptions(page))]


def newly(near: Sequence[Near], before: Known) -> list[Bystander]:
    """Those of them that were no exceptions before, at most 50."""
    found = list(_newly(near, before))
    if len(found) > MOST_TOLD:
        _log.warning("%d repositories have become exceptions; %d are told", len(found), MOST_TOLD)
    return found[:MOST_TOLD]


def _newly(near: Sequence[Near], before: Known) -> Iterator[Bystander]:
    for page, gained, exceptions in near:
        old = before.view.repositories.get(page.repository_id)
        if old and (new := exceptions.beyond(before.exceptions(old))):
            because = next((one for one, patterns in gained if new.patterns & patterns), gained[0][0])
            yield Bystander(page, because, new)
