"""Which patterns stand for a repository now, as a hint for whoever reads it."""

import logging

from devnexus.errors import Unavailable
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.projection import read_projection
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
        path = projection_path(repository.name)
        try:
            page = self._store.read([path], at=self._store.head()).get(path)
            known = read_projection(page) if page is not None else None
        except (Unavailable, Damaged) as error:
            _log.warning("what stands for %s is not known: %s", repository.name, error)
            known = None
        if known is None or known.repository_id != repository.id:
            return RepositoryContext(repository.name)
        standing = ((id_, pattern.name) for id_, pattern in sorted(known.standing_patterns.items()))
        return RepositoryContext(repository.name, tuple(standing))
