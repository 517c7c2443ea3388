"""The use case: a commit of knowledge becomes, for each repository that it changed, what is new about it."""

import threading
from collections.abc import Mapping, Set

from devnexus.errors import Unavailable
from devnexus.events import KnowledgeCommitted
from devnexus.events.event import Cause
from devnexus.knowledge.following import Pages
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.store import Damaged
from devnexus.knowledge.view import View, Views
from devnexus.pubsub import Publisher
from devnexus.repository import RepositoryId
from similarity.because import bystanders
from similarity.computed import computed, computed_because
from similarity.connections import Connections
from similarity.known import Known, known

_INDEXES_KEPT = 4

_NOTHING = known(View("", {}))


class Indexes:
    """The views of one store with their indexes; each is made from the one before it."""

    def __init__(self, views: Views) -> None:
        self.connections = Connections()
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
        return known(view, latest)


def on_knowledge_committed(event: KnowledgeCommitted, *, indexes: Indexes, publisher: Publisher) -> None:
    """Publish SimilarityComputed for every repository that the commit changed, and for up to 50 others that
    a push to one of these made exceptions; again gives the same ids."""
    before = indexes.at(event.parent) if event.parent else _NOTHING
    now = indexes.at(event.revision)
    causes = _changed(event, now.pages, before.pages)
    changed = {id_: now.pages[id_] for id_ in causes if id_ in now.pages}
    connected = indexes.connections.since(before.pages, now.view, list(changed.values()))
    gained = {id_: _gained(page, before.page(id_)) for id_, page in changed.items() if causes[id_] == "live"}
    others = bystanders(gained, now.kinds, before.kinds, besides=causes.keys())
    publisher.publish(
        [
            *(computed(event, causes[id_], page, now, before, connected) for id_, page in changed.items()),
            *(computed_because(event, other, now.view.people.organisation) for other in others),
        ]
    )


def _changed(event: KnowledgeCommitted, pages: Pages, was: Pages) -> Mapping[RepositoryId, Cause]:
    """Each repository that the commit changed, and why."""
    if event.changed is not None:
        return {
            changed.repository: "live" if "live" in changed.causes else min(changed.causes, default="import")
            for changed in event.changed
        }
    return {id_: event.cause for id_, page in pages.items() if page != was.get(id_)}


def _gained(page: Projection, old: Projection | None) -> Set[str]:
    """The patterns that it has and had not."""
    return page.standing_patterns.keys() - (old.standing_patterns.keys() if old else set())
