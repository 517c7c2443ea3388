"""The use case: a commit of knowledge becomes, for each repository that it changed, what is new about it."""

from collections.abc import Mapping, Set

from devnexus.events import KnowledgeCommitted
from devnexus.events.event import Cause
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.view import View
from devnexus.pubsub import Publisher
from devnexus.repository import RepositoryId
from similarity.because import exceptions_near, newly
from similarity.computed import Before, computed, computed_because
from similarity.indexes import Indexes

_NOTHING = View("", {})


def on_knowledge_committed(event: KnowledgeCommitted, *, indexes: Indexes, publisher: Publisher) -> None:
    """Publish SimilarityComputed for every repository that the commit changed, and for up to 50 others that
    a push to one of these made exceptions, unless that one asks for quiet; again gives the same ids."""
    parent = indexes.view(event.parent) if event.parent else _NOTHING
    now = indexes.view(event.revision)
    causes = _changed(event, now, parent)
    changed = {id_: now.repositories[id_] for id_ in causes if id_ in now.repositories}
    before = _before(parent, causes.keys(), indexes)
    connected = indexes.connections.since(parent.repositories, now, list(changed.values()))
    with indexes.at(now) as known:
        published = [
            computed(event, causes[id_], page, known, before.get(id_, Before()), connected)
            for id_, page in changed.items()
        ]
        gained = {
            id_: _gained(page, parent.repositories.get(id_))
            for id_, page in changed.items()
            if causes[id_] == "live" and not page.quiet
        }
        near = exceptions_near(gained, known, besides=causes.keys())
    if near:
        with indexes.at(parent) as known:
            others = newly(near, gained, known)
        published += [computed_because(event, other, now.people.organisation) for other in others]
    publisher.publish(published)


def _changed(event: KnowledgeCommitted, view: View, before: View) -> Mapping[RepositoryId, Cause]:
    """Each repository that the commit changed, and why."""
    if event.changed is not None:
        return {
            changed.repository: "live" if "live" in changed.causes else min(changed.causes, default="import")
            for changed in event.changed
        }
    known = before.repositories
    return {id_: event.cause for id_, page in view.repositories.items() if page != known.get(id_)}


def _before(view: View, repositories: Set[RepositoryId], indexes: Indexes) -> Mapping[RepositoryId, Before]:
    """What there was to say of those of the repositories that the view knows."""
    with indexes.at(view) as known:
        return {
            id_: Before(page, known.most_alike(page), known.exceptions(page))
            for id_ in repositories
            if (page := view.repositories.get(id_))
        }


def _gained(page: Projection, old: Projection | None) -> Set[str]:
    """The patterns that it has and had not."""
    return page.standing_patterns.keys() - (old.standing_patterns.keys() if old else set())
