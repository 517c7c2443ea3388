"""The use case: a commit of knowledge becomes, for each repository that it changed, what is new about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from devnexus.events import KnowledgeCommitted, SimilarityComputed
from devnexus.events.event import Cause
from devnexus.knowledge.differing import Pages
from devnexus.knowledge.view import View
from devnexus.pubsub import Publisher
from devnexus.repository import RepositoryId
from similarity.because import Gained, exceptions_near, newly
from similarity.computed import Before, computed, computed_because
from similarity.indexes import Indexes

_NOTHING = View("", {})


@dataclass(frozen=True)
class _Commit:
    """A commit of knowledge with what was known before and after it."""

    event: KnowledgeCommitted
    parent: View
    now: View
    causes: Mapping[RepositoryId, Cause]
    """Each repository that it changed, and why."""

    @property
    def changed(self) -> Pages:
        """What is known now of those that are not gone."""
        pages = self.now.repositories
        return {id_: pages[id_] for id_ in self.causes if id_ in pages}


def on_knowledge_committed(event: KnowledgeCommitted, *, indexes: Indexes, publisher: Publisher) -> None:
    """Publish SimilarityComputed for every repository that the commit changed, and for up to 50 others that
    a push to one of these made exceptions, unless that one asks for quiet; again gives the same ids."""
    parent = indexes.view(event.parent) if event.parent else _NOTHING
    now = indexes.view(event.revision)
    commit = _Commit(event, parent, now, _changed(event, now, parent))
    publisher.publish([*_of_changed(commit, indexes), *_of_others(commit, indexes)])


def _changed(event: KnowledgeCommitted, view: View, before: View) -> Mapping[RepositoryId, Cause]:
    """Each repository that the commit changed, and why."""
    if event.changed is not None:
        return {
            changed.repository: "live" if "live" in changed.causes else min(changed.causes, default="import")
            for changed in event.changed
        }
    known = before.repositories
    return {id_: event.cause for id_, page in view.repositories.items() if page != known.get(id_)}


def _of_changed(commit: _Commit, indexes: Indexes) -> list[SimilarityComputed]:
    before = _before(commit, indexes)
    pages = commit.changed
    pushes = indexes.pushes(commit.event, pages)
    connected = indexes.connections.since(commit.parent.repositories, commit.now, list(pages.values()))
    with indexes.at(commit.now) as known:
        return [
            computed(
                commit.event, commit.causes[id_], page, known, before.get(id_, Before()), connected, pushes
            )
            for id_, page in pages.items()
        ]


def _before(commit: _Commit, indexes: Indexes) -> Mapping[RepositoryId, Before]:
    """What there was to say of those repositories that were known."""
    pages = commit.parent.repositories
    with indexes.at(commit.parent) as known:
        return {
            id_: Before(page, known.most_alike(page), known.exceptions(page), pages)
            for id_ in commit.causes
            if (page := pages.get(id_))
        }


def _of_others(commit: _Commit, indexes: Indexes) -> Iterator[SimilarityComputed]:
    gained = _gained(commit)
    with indexes.at(commit.now) as known:
        near = exceptions_near(gained, known, besides=commit.causes.keys())
    if near:
        with indexes.at(commit.parent) as known:
            others = newly(near, gained, known)
        for other in others:
            yield computed_because(commit.event, other, commit.now.people.organisation)


def _gained(commit: _Commit) -> Gained:
    """What patterns live pushes brought to whom, where others may hear of it."""
    was = commit.parent.repositories
    return {
        id_: page.standing_patterns.keys() - (was[id_].standing_patterns.keys() if id_ in was else set())
        for id_, page in commit.changed.items()
        if commit.causes[id_] == "live" and not page.quiet
    }
