"""The repositories that our GitHub App is installed on, and where their branches stand."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from devnexus.errors import Unavailable
from devnexus.events.event import describe
from devnexus.git_names import ObjectId
from devnexus.github import Answer, GitHubApp, GitHubInstallation
from devnexus.github_refusals import Refused
from devnexus.repository import Repository
from devnexus.timestamps import Timestamp
from webhook_receiver.allowed import EVERYBODY, Allowed

PAGE = 100
"""The most that GitHub lists in one answer."""

_log = logging.getLogger(__name__)


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Account(_Wire):
    login: str


class _Installation(_Wire):
    id: int
    account: _Account
    suspended_at: datetime | None = None


class _Described(_Wire):
    id: int
    full_name: str
    default_branch: str
    html_url: str
    private: bool = False
    pushed_at: Timestamp | None = None


class _Parent(_Wire):
    sha: ObjectId


class _Signature(_Wire):
    date: Timestamp


class _CommitFacts(_Wire):
    committer: _Signature


class _Commit(_Wire):
    sha: ObjectId
    parents: tuple[_Parent, ...] = ()
    commit: _CommitFacts


_INSTALLATIONS = TypeAdapter(tuple[_Installation, ...])
_COMMITS = TypeAdapter(tuple[_Commit, ...])


@dataclass(frozen=True)
class HostedCommit:
    """One commit as GitHub lists it."""

    sha: str
    first_parent: str | None
    committed_at: datetime


@dataclass(frozen=True)
class Hosted:
    """One repository as GitHub describes it now."""

    repository: Repository
    pushed_at: datetime | None
    """When any of its branches was last pushed to; None where nothing ever was."""
    get: Callable[[str], Answer]
    """What is at a path of the API, with the rights that we have there."""

    @property
    def ref(self) -> str:
        """Its default branch as a ref."""
        return f"refs/heads/{self.repository.default_branch}"

    def as_of_now(self) -> "Hosted":
        """The same, asked again."""
        return _hosted(self.get(f"/repos/{self.repository.name}").body, self.get)

    def commits(self, start: str | None = None, *, page: int = 1, count: int = PAGE) -> list[HostedCommit]:
        """Commits from `start` (the head of the default branch) back, newest first; none of an empty one.

        Raises Unavailable, as Refused where there is no such commit.
        """
        place = f"/repos/{self.repository.name}/commits"
        wanted = quote(start or self.repository.default_branch, safe="")
        try:
            found = self.get(f"{place}?sha={wanted}&per_page={count}&page={page}").body
        except Refused as error:
            if error.status == 409:  # nothing was ever pushed
                return []
            raise
        return [
            HostedCommit(one.sha, one.parents[0].sha if one.parents else None, one.commit.committer.date)
            for one in _parsed(_COMMITS, found, place)
        ]

    def head(self) -> HostedCommit | None:
        """The newest commit of the default branch, None where there is none."""
        return next(iter(self.commits(count=1)), None)


class Installations:
    """All that those who are allowed installed the App on; a context that gives the connections back."""

    def __init__(self, app: GitHubApp, allowed: Allowed = EVERYBODY) -> None:
        self._app = app
        self._allowed = allowed
        self._doors: list[GitHubInstallation] = []

    def __enter__(self) -> "Installations":
        return self

    def __exit__(self, *_: object) -> None:
        while self._doors:
            self._doors.pop().close()

    def repositories(self, owner: str | None = None) -> Iterator[Hosted]:
        """Every repository of `owner`, or of everybody, each once; one that is suspended has none for us."""
        seen: set[str] = set()
        for installation in self._installations():
            login = installation.account.login
            if installation.suspended_at or (owner and login.lower() != owner.lower()):
                continue
            if not self._allowed.lets({"installation": installation.model_dump(mode="json")}):
                continue
            door = self._app.installation(installation.id, about=f"what {login} lets the App read")
            self._doors.append(door)
            for hosted in _listed(door):
                if hosted.repository.id not in seen:
                    seen.add(hosted.repository.id)
                    yield hosted

    def repository(self, name: str) -> Hosted:
        """The one called `owner/name`; raise Unavailable, as Refused where the App is not installed there."""
        door = self._app.repository(name)
        return _hosted(door.get("").body, door.at_location)

    def _installations(self) -> Iterator[_Installation]:
        page = 0
        while True:
            page += 1
            path = f"/app/installations?per_page={PAGE}&page={page}"
            found = _parsed(_INSTALLATIONS, self._app.ask("GET", path).body, path)
            yield from found
            if len(found) < PAGE:
                return


def _listed(door: GitHubInstallation) -> Iterator[Hosted]:
    page = 0
    while True:
        page += 1
        found = door.get(f"/installation/repositories?per_page={PAGE}&page={page}").body
        rows = found.get("repositories") if isinstance(found, dict) else None
        if not isinstance(rows, list):
            raise Unavailable("GitHub's list of an installation's repositories is no list")
        for row in rows:
            try:
                yield _hosted(row, door.get)
            except Unavailable as error:  # one that we cannot name is no reason to leave out the others
                _log.warning("repository left out: %s", error)
        if len(rows) < PAGE:
            return


def _hosted(row: object, get: Callable[[str], Answer]) -> Hosted:
    try:
        wire = _Described.model_validate(row)
        repository = Repository(
            id=f"{urlsplit(wire.html_url).netloc.lower()}/{wire.id}",
            name=wire.full_name,
            default_branch=wire.default_branch,
            url=wire.html_url,
            private=wire.private,
        )
    except ValidationError as error:
        raise Unavailable(f"GitHub describes a repository in another way: {describe(error)}") from error
    except ValueError as error:
        raise Unavailable(f"GitHub describes a repository in another way: {error}") from error
    return Hosted(repository, wire.pushed_at, get)


def _parsed(shape: TypeAdapter[Any], content: object, place: str) -> Any:  # noqa: ANN401 - of that shape
    try:
        return shape.validate_python(content)
    except ValidationError as error:
        raise Unavailable(
            f"GitHub answers {place.partition('?')[0]} in another way: {describe(error)}"
        ) from error
