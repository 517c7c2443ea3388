"""All that is known at one revision, in the shape that it is compared in."""

from typing import NamedTuple

from devnexus.alike.index import Index
from devnexus.alike.kinds import Exceptions, Kinds
from devnexus.alike.reasons import alike, most_alike, named
from devnexus.events.similarity_computed import Alike, Named
from devnexus.knowledge.following import Pages
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.view import View
from devnexus.repository import RepositoryId


class Known(NamedTuple):
    """One revision: the view, who is like whom, and who is the exception."""

    view: View
    index: Index
    kinds: Kinds

    @property
    def pages(self) -> Pages:
        """The repositories of today."""
        return self.view.repositories

    def page(self, repository: RepositoryId) -> Projection | None:
        """What is known of a repository of today."""
        return self.pages.get(repository)

    def alike(self, repository: RepositoryId) -> tuple[Alike, ...]:
        """The repositories most like one, with the reasons."""
        return alike(self.view, self.index, repository)

    def most_alike(self, repository: RepositoryId) -> list[Named]:
        """The same without the reasons; nobody where it is not known."""
        if repository not in self.pages:
            return []
        return [named(page) for page in most_alike(self.view, self.index, repository)]

    def exceptions(self, repository: RepositoryId) -> Exceptions:
        """In what it is the exception among its kind, other than people mean it."""
        return self.kinds.exceptions(repository)


def known(view: View, latest: Known | None = None) -> Known:
    """A view with its indexes, made from those of the `latest` one that was looked at."""
    return Known(
        view,
        Index(view, previous=latest.index if latest else None),
        Kinds(view, previous=latest.kinds if latest else None),
    )
