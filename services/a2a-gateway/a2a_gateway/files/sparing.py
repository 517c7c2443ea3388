"""Files for callers who do not say who they are: so much an hour, for all of them together.

GitHub allows a number of requests an hour, of which whoever reads the pushes lives as well: nobody in
particular is to use them up.
"""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from a2a_gateway.files.repository_files import MOST_COMMITS, Commits, Contents, Listing, RepositoryFiles
from devnexus.errors import Unavailable
from devnexus.knowledge.projection import Projection

REQUESTS_AN_HOUR = 1000
"""Of the 5,000 that GitHub allows an installation of an App at least."""

_HOUR_SECONDS = 3600.0
_HEAD, _LISTING, _MOST_BLOBS = 2, 3, 60


class SparingFiles:
    """RepositoryFiles that refuse once this hour's requests are spent. Counts the most that each may take."""

    def __init__(
        self,
        files: RepositoryFiles,
        *,
        most: int = REQUESTS_AN_HOUR,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._files = files
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._spent = 0
        self._ends_at = clock() + _HOUR_SECONDS

    def head(self, repository: Projection) -> str:
        """As promised by RepositoryFiles."""
        self._spend(_HEAD)
        return self._files.head(repository)

    def listing(self, repository: Projection, sha: str) -> Listing:
        """As promised by RepositoryFiles."""
        self._spend(_LISTING)
        return self._files.listing(repository, sha)

    def read(self, repository: Projection, sha: str, paths: Sequence[str]) -> Contents:
        """As promised by RepositoryFiles."""
        self._spend(_LISTING + min(len(paths), _MOST_BLOBS))
        return self._files.read(repository, sha, paths)

    def commits(self, repository: Projection, sha: str, *, since: datetime, until: str | None) -> Commits:
        """As promised by RepositoryFiles."""
        self._spend(MOST_COMMITS)
        return self._files.commits(repository, sha, since=since, until=until)

    def _spend(self, requests: int) -> None:
        with self._lock:
            now = self._clock()
            if now >= self._ends_at:
                self._spent, self._ends_at = 0, now + _HOUR_SECONDS
            if self._spent + requests > self._most:
                spent = "callers who do not say who they are have read as much as they may in an hour"
                raise Unavailable(spent, retry_after_seconds=self._ends_at - now)
            self._spent += requests
