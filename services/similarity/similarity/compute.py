"""The use case: a commit of knowledge becomes, for each repository that it changed, what is new about it."""

from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass

from devnexus.alike.bag import strongest_place
from devnexus.alike.following import FollowingIndex
from devnexus.alike.index import Index
from devnexus.alike.missing import missing_in
from devnexus.alike.reasons import alike, most_alike, named
from devnexus.errors import Unavailable
from devnexus.events import KnowledgeCommitted, SimilarityComputed
from devnexus.events.event import Cause
from devnexus.events.similarity_computed import Named, PatternChange
from devnexus.knowledge.projection import Projection, StandingPattern
from devnexus.knowledge.store import Damaged
from devnexus.knowledge.view import View, Views
from devnexus.pubsub import Publisher
from devnexus.repository import RepositoryId


class Indexes:
    """The views of one store, and an index that goes along from one to the other."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._index = FollowingIndex()

    def view(self, revision: str) -> View:
        """What was known at `revision`. Raises Unavailable where it cannot be had."""
        try:
            return self._views.at(revision)
        except Damaged as error:  # somebody edited a page; the writer will write it anew
            raise Unavailable(f"the knowledge base cannot be read at {revision}: {error}") from error

    def at(self, view: View) -> AbstractContextManager[Index]:
        """The index of a view; others wait until it is given back."""
        return self._index.at(view)


@dataclass(frozen=True)
class _Before:
    """What there was to say of a repository before the commit."""

    page: Projection | None = None
    alike: Sequence[Named] = ()
    lacked: Set[str] = frozenset()


def on_knowledge_committed(event: KnowledgeCommitted, *, indexes: Indexes, publisher: Publisher) -> None:
    """Publish SimilarityComputed for every repository that the commit changed; again gives the same ids."""
    parent = indexes.view(event.parent) if event.parent else None
    now = indexes.view(event.revision)
    changed = _changed(event, now, parent)
    before = _before(parent, changed, indexes) if parent else {}
    with indexes.at(now) as index:
        computed = [
            _computed(
                event, cause, now.repositories[repository], now, index, before.get(repository, _Before())
            )
            for repository, cause in changed.items()
            if repository in now.repositories
        ]
    publisher.publish(computed)


def _changed(event: KnowledgeCommitted, view: View, before: View | None) -> Mapping[RepositoryId, Cause]:
    """Each repository that the commit changed, and why."""
    if event.changed is not None:
        return {
            changed.repository: "live" if "live" in changed.causes else min(changed.causes, default="import")
            for changed in event.changed
        }
    known = before.repositories if before else {}
    return {id_: event.cause for id_, page in view.repositories.items() if page != known.get(id_)}


def _before(
    view: View, repositories: Iterable[RepositoryId], indexes: Indexes
) -> Mapping[RepositoryId, _Before]:
    """What there was to say of those of the repositories that the view knows."""
    pages = [view.repositories[id_] for id_ in repositories if id_ in view.repositories]
    with indexes.at(view) as index:
        return {
            page.repository_id: _Before(
                page=page,
                alike=[named(other) for other in most_alike(view, index, page)],
                lacked={one.pattern for one in missing_in(view, index, page)},
            )
            for page in pages
        }


def _computed(
    event: KnowledgeCommitted, cause: Cause, here: Projection, now: View, index: Index, before: _Before
) -> SimilarityComputed:
    old, found = before.page, alike(now, index, here.repository_id)
    return SimilarityComputed(
        cause=cause,
        hops=event.hops,
        revision=event.revision,
        parent=event.parent,
        repository=named(here),
        url=here.repository_url,
        commit=here.latest_patterns.commit_sha,
        quiet=here.quiet,
        at=here.last_updated,
        alike=found,
        entered=_without([one.repository for one in found], before.alike),
        left=_without(before.alike, [one.repository for one in found]),
        introduced=_new_patterns(here, old),
        gone=_new_patterns(old, here) if old else (),
        touched=_touched_patterns(here, old) if old else (),
        not_read=here.last_receipt.not_read if here.last_receipt else (),
        missing=tuple(one for one in missing_in(now, index, here) if one.pattern not in before.lacked),
    )


def _without(some: Sequence[Named], others: Sequence[Named]) -> tuple[Named, ...]:
    ids = {one.id for one in others}
    return tuple(one for one in some if one.id not in ids)


def _new_patterns(here: Projection, old: Projection | None) -> tuple[PatternChange, ...]:
    known = old.standing_patterns if old else {}
    return tuple(_told(id_, pattern) for id_, pattern in here.standing_patterns.items() if id_ not in known)


def _touched_patterns(here: Projection, old: Projection) -> tuple[PatternChange, ...]:
    return tuple(
        _told(id_, pattern)
        for id_, pattern in here.standing_patterns.items()
        if id_ in old.standing_patterns and pattern.last_seen != old.standing_patterns[id_].last_seen
    )


def _told(id_: str, pattern: StandingPattern) -> PatternChange:
    place = strongest_place(pattern)
    return PatternChange(id=id_, name=pattern.name, confidence=pattern.confidence, place=place)
