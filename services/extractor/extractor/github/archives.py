"""The contents of many files at once: GitHub's archives of commits, the last of which are kept on disk."""

import tarfile
import tempfile
import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from typing import IO

from devnexus.errors import Unavailable
from devnexus.github import GitHubRepository
from devnexus.knowledge.stores.git_objects import blob_id
from extractor.reading import MAX_FILE_BYTES
from extractor.roles import role_of

_LARGEST_DOWNLOAD = 500_000_000
_LARGEST_KEPT = 500_000_000
_KEPT = 2
"""Archives on disk at the same time."""


class Archive:
    """Blobs by id, for many threads; what stands in no file that may be read is not among them."""

    def __init__(self, packed: IO[bytes]) -> None:
        """Raises Unavailable where `packed` is no whole archive."""
        self._file = tempfile.TemporaryFile(prefix="devnexus-archive-")
        self._lock = threading.Lock()
        try:
            self._places = dict(_unpacked(packed, self._file))
        except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
            self._file.close()
            raise Unavailable(f"GitHub's archive cannot be read: {error}") from error

    def read(self, object_id: str) -> bytes | None:
        """The content of a blob, None where it is not here."""
        with self._lock:
            if object_id not in self._places:
                return None
            start, size = self._places[object_id]
            self._file.seek(start)
            return self._file.read(size)

    def close(self) -> None:
        """Give back the disk."""
        with self._lock:
            self._places.clear()
            self._file.close()


class Archives:
    """The archives that were asked for last, for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._archives: OrderedDict[str, Archive] = OrderedDict()

    def of(self, github: GitHubRepository, commit: str, *, is_worth_it: bool) -> Archive | None:
        """The archive of a commit; None where it is not here and downloading it is not worth it."""
        key = f"{github.name}@{commit}"
        with self._lock:
            if key not in self._archives and is_worth_it:
                self._archives[key] = _download(github, commit)
                while len(self._archives) > _KEPT:
                    self._archives.popitem(last=False)[1].close()
            return self._archives.get(key)

    def close(self) -> None:
        """Give back the disk."""
        with self._lock:
            while self._archives:
                self._archives.popitem()[1].close()


def _download(github: GitHubRepository, commit: str) -> Archive:
    with tempfile.TemporaryFile(prefix="devnexus-archive-") as packed:
        github.download_archive(commit, packed, max_bytes=_LARGEST_DOWNLOAD)
        packed.seek(0)
        return Archive(packed)


def _unpacked(packed: IO[bytes], into: IO[bytes]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Blob id → where its content was put; what would be too much is left to be fetched one by one."""
    with tarfile.open(fileobj=packed, mode="r|gz") as archive:
        for member in archive:
            path = member.name.partition("/")[2]  # below a folder that is called like the commit
            fits = member.size <= MAX_FILE_BYTES and into.tell() + member.size <= _LARGEST_KEPT
            if not (member.isfile() and fits) or role_of(path).not_read_because:
                continue
            file = archive.extractfile(member)
            content = file.read() if file else b""
            place = into.tell(), len(content)
            into.write(content)
            yield blob_id(content), place
