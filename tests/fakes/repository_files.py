"""Stands for the files of repositories: what a test says is in them."""

from dataclasses import dataclass, field

from a2a_gateway.files.repository_files import Commits, Contents, Listing, NoCommit, NoFiles

HEAD = "c" * 40


@dataclass
class FakeFiles:
    """RepositoryFiles that hold `there`: repository → path → text."""

    there: dict[str, dict[str, str | bytes]]
    commits_there: tuple = ()
    """The newest first."""
    heads: dict[str, str] = field(default_factory=dict)
    error: Exception | None = None
    """Raised instead of any answer."""
    read_paths: list[str] = field(default_factory=list)
    """What was read so far."""

    def head(self, repository):
        self._files(repository)
        return self.heads.get(repository.repository_name, HEAD)

    def listing(self, repository, sha):
        return Listing(frozenset(self._files(repository)), frozenset(), True)

    def read(self, repository, sha, paths):
        files = self._files(repository)
        self.read_paths += paths
        found = {path: files[path] for path in paths if path in files}
        as_bytes = {path: text.encode() if isinstance(text, str) else text for path, text in found.items()}
        return Contents(as_bytes, {})

    def commits(self, repository, sha, *, since, until):
        self._files(repository)
        if until is None:
            return Commits(tuple(one for one in self.commits_there if one.at >= since), True)
        for number, one in enumerate(self.commits_there):
            if one.sha.startswith(until):
                return Commits(self.commits_there[:number], True)
        raise NoCommit(until)

    def _files(self, repository):
        if self.error:
            raise self.error
        if repository.repository_name not in self.there:
            raise NoFiles(f"there is no clone of {repository.repository_name}: make one")
        return self.there[repository.repository_name]
