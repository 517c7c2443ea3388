"""What the knowledge base says of a repository now: what stands there, and whether it is still public."""

import logging

from devnexus.errors import Rejected, Unavailable
from devnexus.knowledge.corrected import Catalogue, corrected
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.people import read_people_of
from devnexus.knowledge.projection import Projection, read_projection
from devnexus.knowledge.store import Damaged, Store
from devnexus.people.organisation import Organisation
from devnexus.repository import Repository
from extractor.claude.brief import RepositoryContext

_log = logging.getLogger(__name__)


class StandingContext:
    """What the knowledge base says of repositories at its head."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, repository: Repository) -> RepositoryContext:
        """The context of `repository`; without patterns where nothing is known, or it cannot be read now."""
        try:
            page = self._page(repository)
        except (Unavailable, Damaged, OSError) as error:
            _log.warning("what stands for %s is not known: %s", repository.name, error)
            page = None
        if page is None:
            return RepositoryContext(repository.name)
        standing = ((id_, pattern.name) for id_, pattern in sorted(page.standing_patterns.items()))
        return RepositoryContext(repository.name, tuple(standing))

    def _page(self, repository: Repository) -> Projection | None:
        """What is shown of it: what people hid, renamed or merged is so for whoever reads it as well."""
        at = self._store.head()
        page = self._known(repository, at)
        if page is None or page.removed:
            return None
        people = read_people_of(self._store, repository.name, at)
        return corrected(
            page,
            vocabulary=people.vocabulary,
            corrections=people.corrections(projection_path(repository.name)),
            catalogue=Catalogue(),
        )

    def check_still_public(self, repository: Repository, organisation: Organisation) -> None:
        """What waits was let through as it was then: days may have passed.

        Raises Rejected where it has become private and Claude may not read it as such; Unavailable where
        nobody can say.
        """
        if repository.private or organisation.lets_claude_read(repository.name, private=True):
            return
        try:
            known = self._known(repository, self._store.head())
        except Damaged as error:
            raise Unavailable(f"nobody can say whether {repository.name} is still public") from error
        if known and known.visibility != "public":
            raise Rejected("it has become private, and is not listed for Claude")

    def _known(self, repository: Repository, at: str) -> Projection | None:
        path = projection_path(repository.name)
        page = self._store.read([path], at=at).get(path)
        known = read_projection(page) if page is not None else None
        return known if known and known.repository_id == repository.id else None
