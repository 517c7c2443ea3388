"""How far a backfill has come, in a small file, so that the next one goes on there."""

import os
from pathlib import Path

from pydantic import Field, ValidationError

from devnexus.errors import ConfigurationError
from devnexus.events.event import describe
from devnexus.repository import RepositoryId
from devnexus.values import Value, canonical_page, load_json


class RepositoryProgress(Value):
    """Of one repository."""

    head: str
    """The newest commit of what is brought in; later ones come as live pushes."""
    done: int
    """How many of its pushes were published."""
    is_complete: bool = False


class Progress(Value):
    """Of all of them."""

    commits: int
    """How many commits of each were asked for."""
    repositories: dict[RepositoryId, RepositoryProgress] = Field(default_factory=dict)


class ProgressFile:
    """The file of one backfill; it is gone when the backfill is through."""

    def __init__(self, home: Path, target: str, commits: int) -> None:
        self.path = home / "backfill" / f"{target.replace('/', '--')}.json"
        self._progress = self._read(commits)

    @property
    def exists(self) -> bool:
        """Whether there is something to go on with."""
        return bool(self._progress.repositories)

    def of(self, repository: RepositoryId) -> RepositoryProgress | None:
        """How far this repository has come."""
        return self._progress.repositories.get(repository)

    def note(self, repository: RepositoryId, progress: RepositoryProgress) -> None:
        """Keep it: a crash right after this returns loses nothing."""
        repositories = {**self._progress.repositories, repository: progress}
        self._progress = self._progress.model_copy(update={"repositories": repositories})
        self.path.parent.mkdir(parents=True, exist_ok=True)
        written = self.path.with_suffix(".new")
        written.write_bytes(canonical_page(self._progress.model_dump(mode="json", exclude_defaults=True)))
        os.replace(written, self.path)

    def remove(self) -> None:
        """Everything is published."""
        self.path.unlink(missing_ok=True)

    def _read(self, commits: int) -> Progress:
        try:
            progress = Progress.model_validate(load_json(self.path.read_bytes()), extra="ignore")
        except (FileNotFoundError, NotADirectoryError):
            return Progress(commits=commits)
        except ValidationError as error:
            raise ConfigurationError(f"{self.path} cannot be read, remove it: {describe(error)}") from error
        except ValueError as error:
            raise ConfigurationError(f"{self.path} cannot be read, remove it: {error}") from error
        return progress if progress.commits == commits else Progress(commits=commits)
