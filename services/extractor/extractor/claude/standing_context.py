"""Which patterns stand for a repository now, as a hint for whoever reads it."""

import logging

from devnexus.errors import Unavailable
from devnexus.knowledge.corrected import Catalogue, corrected
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.people import read_people_of
from devnexus.knowledge.projection import Projection, read_projection
from devnexus.knowledge.store import Damaged, Store
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
        at, path = self._store.head(), projection_path(repository.name)
        content = self._store.read([path], at=at).get(path)
        page = read_projection(content) if content is not None else None
        if page is None or page.removed or page.repository_id != repository.id:
            return None
        people = read_people_of(self._store, repository.name, at)
        return corrected(
            page,
            vocabulary=people.vocabulary,
            corrections=people.corrections(path),
            catalogue=Catalogue(),
        )
