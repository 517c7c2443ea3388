"""Whom a push makes an exception without their doing: others of their kind now do what they do not."""

import logging
from collections.abc import Collection, Iterator, Mapping, Set
from typing import NamedTuple

from devnexus.alike.kinds import Exceptions, Kinds
from devnexus.alike.missing import is_of_kind
from devnexus.knowledge.projection import Projection
from devnexus.repository import RepositoryId

MOST_TOLD = 50
_MOST_EXAMINED = 500

_log = logging.getLogger(__name__)

Gained = Mapping[RepositoryId, Set[str]]
"""Repository → the patterns that a push brought to it."""


class Bystander(NamedTuple):
    """A repository that is an exception since another one changed."""

    page: Projection
    because: Projection
    exceptions: Exceptions


def bystanders(
    gained: Gained, now: Kinds, before: Kinds, *, besides: Collection[RepositoryId]
) -> list[Bystander]:
    """The repositories, none of `besides`, that what was gained made exceptions; at most 50, by id."""
    found = list(_found(gained, now, before, besides))
    if len(found) > MOST_TOLD:
        _log.warning("%d repositories have become exceptions; %d are told", len(found), MOST_TOLD)
    return found[:MOST_TOLD]


def _found(
    gained: Gained, now: Kinds, before: Kinds, besides: Collection[RepositoryId]
) -> Iterator[Bystander]:
    changed = [now.pages[id_] for id_ in sorted(gained) if gained[id_]]
    near = _near(changed, now, besides)
    if len(near) > _MOST_EXAMINED:
        _log.warning(
            "%d repositories may have become exceptions; %d are looked at", len(near), _MOST_EXAMINED
        )
    for id_ in sorted(near)[:_MOST_EXAMINED]:
        if (exceptions := now.exceptions(id_)) and (new := exceptions.beyond(before.exceptions(id_))):
            about = {one.pattern for one in (*new.missing, *new.variants)}
            because = next((page for page in near[id_] if about & gained[page.repository_id]), near[id_][0])
            yield Bystander(now.pages[id_], because, new)


def _near(
    changed: Collection[Projection], now: Kinds, besides: Collection[RepositoryId]
) -> Mapping[RepositoryId, list[Projection]]:
    """Each repository that is not `besides` and to whose kind some of `changed` belong, with these."""
    found: dict[RepositoryId, list[Projection]] = {}
    for id_, page in now.pages.items():
        if id_ not in besides and (near := [one for one in changed if is_of_kind(one, page)]):
            found[id_] = near
    return found
