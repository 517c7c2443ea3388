"""What a repository is called today, and how it can be reached: the last word of those who know."""

from devnexus.events import (
    PatternsExtracted,
    Record,
    RepositoryAdopted,
    RepositoryChanged,
    RepositoryRegistered,
    RepositoryRemoved,
    RepositoryRenamed,
)
from devnexus.repository import Repository, is_known_by_name

_WHO_KNOWS = (
    PatternsExtracted,
    RepositoryRegistered,
    RepositoryRenamed,
    RepositoryRemoved,
    RepositoryChanged,
)
"""Records that come from the host. An agent or an import may still use a name of long ago."""


class KnownAs:
    """Labels of one repository; `take` each record once, in order."""

    def __init__(self, first: Repository) -> None:
        self._label = first
        self._surely = False
        self._names: dict[str, None] = {}
        self.visibility = _visibility(first, None)
        self.archived = False
        self.default_branch = first.default_branch
        self.adopted: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """The id; the one with a number where both are known."""
        return self._label.id

    @property
    def name(self) -> str:
        """Today's name."""
        return self._label.name

    @property
    def url(self) -> str | None:
        """Where people find it."""
        return self._label.url

    @property
    def former_names(self) -> tuple[str, ...]:
        """What it was called before, oldest first."""
        return tuple(name for name in self._names if name != self.name)

    def take(self, record: Record) -> None:
        """Let `record` take effect on the labels."""
        repository = record.repository
        if isinstance(record, RepositoryRenamed):
            self._names.setdefault(record.former_name)
        if isinstance(record, RepositoryAdopted):
            self.adopted |= {record.adopted}
        numbered = not is_known_by_name(repository.id)
        surely = isinstance(record, _WHO_KNOWS) and numbered
        if surely or not self._surely and (numbered or is_known_by_name(self.id)):
            self._label, self._surely = repository, surely or self._surely
            self.default_branch = repository.default_branch
            self.visibility = _visibility(repository, self.visibility)
            if surely:
                self._names.setdefault(repository.name)
        if isinstance(record, RepositoryChanged):
            self.visibility = record.visibility or self.visibility
            self.archived = self.archived if record.archived is None else record.archived
            self.default_branch = record.default_branch or self.default_branch


def _visibility(repository: Repository, known: str | None) -> str:
    """What an event says of it: only whether it is public; `internal` is a kind of not public."""
    if not repository.private:
        return "public"
    return known if known in {"private", "internal"} else "private"
