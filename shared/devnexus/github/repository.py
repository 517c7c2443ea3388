"""A repository on GitHub, asked through its API."""

import re
import threading
from collections.abc import Mapping
from typing import IO, Any

import requests
from github import Github, GithubException

from devnexus.github.asking import Answer, Patience, asked, parsed, path_of, translated
from devnexus.github_refusals import Refused

_NUMBERED = re.compile(r"(/repositories/\d+)/.*")
_ARCHIVE_CHUNK_BYTES = 1 << 20


class GitHubRepository:
    """A repository on GitHub, asked one thing at a time: PyGithub mixes up what threads ask in parallel.

    Every method raises Unavailable, as Refused where GitHub will not do it before somebody changes something.
    """

    def __init__(
        self,
        name: str,
        client: Github,
        *,
        session: requests.Session,
        patience: Patience,
        one_at_a_time: threading.Lock,
    ) -> None:
        self.name = name
        """As `owner/name`."""
        self._client = client
        self._session = session
        self.patience = patience
        self._one_at_a_time = one_at_a_time

    def get(
        self, path: str, parameters: Mapping[str, str | int] | None = None, *, unless: str | None = None
    ) -> Answer:
        """What is at `path` below the repository; status 304 if that is what had the ETag `unless`."""
        headers = {} if unless is None else {"If-None-Match": unless}
        return self._ask("GET", f"/repos/{self.name}{path}", headers=headers, parameters=parameters)

    def at_location(self, path: str) -> Answer:
        """What is at `path` of the API itself."""
        return self._ask("GET", path)

    def send(self, method: str, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 - parsed JSON
        """What GitHub answers to a write at `path`, which is sent exactly once."""
        return self._ask(method, f"/repos/{self.name}{path}", body=body).body

    def download_archive(self, revision: str, into: IO[bytes], *, max_bytes: int) -> None:
        """Write all files of `revision` into `into`, as a gzipped tar archive."""
        found = self._ask("GET", f"/repos/{self.name}/tarball/{revision}", expected=(302,))
        # PyGithub would follow this without any timeout.
        self._download(found.headers.get("location", ""), into, max_bytes)

    def close(self) -> None:
        """Give back the connections."""
        self._client.close()
        self._session.close()

    def _ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        parameters: Mapping[str, str | int] | None = None,
        body: Mapping[str, object] | None = None,
        expected: tuple[int, ...] = (200, 201, 304),
    ) -> Answer:
        return asked(
            self._client.requester,
            self._one_at_a_time,
            method,
            path,
            about=self.name,
            headers=headers,
            parameters=parameters,
            body=body,
            expected=expected,
        )

    def _download(self, location: str, into: IO[bytes], max_bytes: int) -> None:
        """GitHub's archives are on another host, which gets no credentials of ours."""
        try:
            with self._session.get(location, stream=True, timeout=self.patience.answer) as response:
                if response.status_code != 200:
                    raise GithubException(response.status_code, parsed(response.text), dict(response.headers))
                for chunk in response.iter_content(_ARCHIVE_CHUNK_BYTES):
                    into.write(chunk)
                    if into.tell() > max_bytes:
                        raise ValueError(f"the archive is larger than {max_bytes} bytes")
        except (GithubException, requests.RequestException, OSError, ValueError) as error:
            raise translated(error, "GET the archive", self.name) from None


def renamed_to(repository: GitHubRepository, refused: Refused) -> str | None:
    """The name that the repository has now, None where the refusal was not that it moved."""
    if refused.location is None:
        return None
    return str(repository.at_location(_NUMBERED.sub(r"\1", path_of(refused.location))).body["full_name"])
