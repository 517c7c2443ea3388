"""The use case: a commit of knowledge becomes, for each repository that it changed, what is new about it."""

import threading
from collections.abc import Mapping, Sequence

from devnexus.alike.bag import strongest_place
from devnexus.alike.index import Index
from devnexus.alike.missing import missing_patterns
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

_INDEXES_KEPT = 4

Known = tuple[View, Index]


class Indexes:
    """The views of one store with their indexes; each is made from the one before it."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._lock = threading.Lock()
        self._known: dict[str, Known] = {}

    def at(self, revision: str) -> Known:
        """The view at `revision` and its index. Raises Unavailable where it cannot be had."""
        with self._lock:
            if revision not in self._known:
                self._known[revision] = self._read(revision)
                if len(self._known) > _INDEXES_KEPT:
                    del self._known[next(iter(self._known))]
            return self._known[revision]

    def _read(self, revision: str) -> Known:
        try:
            view = self._views.at(revision)
        except Damaged as error:  # somebody edited a page; the writer will write it anew
            raise Unavailable(f"the knowledge base cannot be read at {revision}: {error}") from error
        latest = next(reversed(self._known.values()), None)
        return view, Index(view, previous=latest[1] if latest else None)


def on_knowledge_committed(event: KnowledgeCommitted, *, indexes: Indexes, publisher: Publisher) -> None:
    """Publish SimilarityComputed for every repository that the commit changed; again gives the same ids."""
    before = indexes.at(event.parent) if event.parent else None
    now = indexes.at(event.revision)
    repositories = now[0].repositories
    publisher.publish(
        [
            _computed(event, cause, repositories[repository], now, before)
            for repository, cause in _changed(event, now[0], before[0] if before else None).items()
            if repository in repositories
        ]
    )


def _changed(event: KnowledgeCommitted, view: View, before: View | None) -> Mapping[RepositoryId, Cause]:
    """Each repository that the commit changed, and why."""
    if event.changed is not None:
        return {
            changed.repository: "live" if "live" in changed.causes else min(changed.causes, default="import")
            for changed in event.changed
        }
    known = before.repositories if before else {}
    return {id_: event.cause for id_, page in view.repositories.items() if page != known.get(id_)}


def _computed(
    event: KnowledgeCommitted, cause: Cause, here: Projection, now: Known, before: Known | None
) -> SimilarityComputed:
    old = before[0].repositories.get(here.repository_id) if before else None
    found = alike(*now, here.repository_id)
    missing = missing_patterns(here, now[0].repositories.values(), corrections=now[0].corrections(here))
    if before and old:
        was_alike = [named(page) for page in most_alike(*before, here.repository_id)]
        lacked = {
            one.pattern
            for one in missing_patterns(
                old, before[0].repositories.values(), corrections=before[0].corrections(old)
            )
        }
    else:
        was_alike, lacked = [], set()
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
        entered=_without([one.repository for one in found], was_alike),
        left=_without(was_alike, [one.repository for one in found]),
        introduced=_new_patterns(here, old),
        gone=_new_patterns(old, here) if old else (),
        touched=_touched_patterns(here, old) if old else (),
        not_read=here.last_receipt.not_read if here.last_receipt else (),
        missing=tuple(one for one in missing if one.pattern not in lacked),
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
