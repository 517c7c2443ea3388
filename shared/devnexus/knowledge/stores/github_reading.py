"""Reads files and folders of one GitHub repository by their content's names, and never the same one twice."""

import base64
import tarfile
import tempfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from devnexus.errors import Unavailable
from devnexus.github import GitHubRepository
from devnexus.knowledge.store import Damaged
from devnexus.knowledge.stores.bounded_cache import BoundedCache
from devnexus.knowledge.stores.git_objects import FOLDER, LINKED_REPOSITORY, Entry, Tree, blob_id, tree_id

_FILES_BYTES = 256 << 20
_FOLDERS_BYTES = 64 << 20
_ENTRY_BYTES = 400
"""About what an entry of a folder takes in memory."""

_COMMITS_BYTES = 1 << 20

_FOLDERS_SINGLY = 10
"""Up to so many unknown folders are asked for one by one, instead of everything below them."""

_DEEPEST = 8
"""Levels of folders that a base may have before reading it costs more requests than it should."""

_ARCHIVE_ABOVE_FILES = 30
"""From here on one archive of everything is quicker than a request a file, and spares the allowance."""

_ARCHIVE_MAX_BYTES = 2 << 30
_SPOOL_BYTES = 64 << 20


@dataclass(frozen=True)
class Commit:
    """A commit by what it holds."""

    id: str
    tree: str
    parents: tuple[str, ...]


class GitHubReading:
    """What the repository holds, by content: every answer is compared with the name that was asked for.

    So a body that was cut or mixed up on its way cannot pass as what is stored; it raises Unavailable.
    """

    def __init__(self, repository: GitHubRepository) -> None:
        self._repository = repository
        self._commits = BoundedCache[Commit](_COMMITS_BYTES, size=lambda _: 400)
        self._trees = BoundedCache[Tree](_FOLDERS_BYTES, size=lambda tree: _ENTRY_BYTES * (len(tree) + 1))
        self._blobs = BoundedCache[bytes](_FILES_BYTES, size=lambda content: len(content) + 200)
        self._read_whole: set[str] = set()
        """Folders that were once asked for with all below: later only what changed in them is asked for."""

    def commit(self, revision: str) -> Commit:
        """The commit of that id."""
        known = self._commits.get(revision)
        if known is None:
            body = self._repository.get(f"/git/commits/{revision}").body
            known = parsed_commit(body)
            if known.id != revision:
                raise Unavailable(f"GitHub answered with commit {known.id} instead of {revision}")
            self._commits.put(revision, known)
        return known

    def remember(self, commit: Commit, trees: Mapping[str, Tree], contents: Collection[bytes]) -> None:
        """Take in what was just written, so that reading it costs nothing."""
        for id_, tree in trees.items():
            self._trees.put(id_, tree)
        for content in contents:
            self._blobs.put(blob_id(content), content)
        self._commits.put(commit.id, commit)

    def tree(self, id_: str) -> Tree:
        """One folder."""
        known = self._trees.get(id_)
        if known is None:
            known = self._fetch_tree(id_)
            self._trees.put(id_, known)
        return known

    def find(self, root: str, path: str) -> Entry | None:
        """What stands at `path`, None if nothing does. Asks only for the folders on the way."""
        entry: Entry | None = Entry(FOLDER, root)
        for name in path.split("/"):
            entry = self.tree(entry.id).get(name) if entry is not None and entry.is_folder else None
        return entry

    def files(self, root: str, paths: Collection[str]) -> dict[str, Entry]:
        """Path → entry of the files that `paths` name; one that ends in a slash stands for all below it."""
        found: dict[str, Entry] = {}
        for path in paths:
            entry = self.find(root, path.removesuffix("/"))
            if entry is None:
                continue
            if path.endswith("/") and entry.is_folder:
                self._learn_whole(path, entry.id)
                found.update(self.below(entry.id, path))
            elif not path.endswith("/") and not entry.is_folder:
                found[path] = entry
        return {path: entry for path, entry in found.items() if entry.mode != LINKED_REPOSITORY}

    def below(self, folder: str, prefix: str) -> Iterator[tuple[str, Entry]]:
        """Every file below the folder of that id, its path starting with `prefix`."""
        for name, entry in self.tree(folder).items():
            if entry.is_folder:
                yield from self.below(entry.id, f"{prefix}{name}/")
            else:
                yield prefix + name, entry

    def differences(self, old: str, new: str, prefix: str = "") -> Iterator[str]:
        """The paths whose content differs between two folders; asks only for folders that differ."""
        before, after = self.tree(old), self.tree(new)
        for name in {*before, *after}:
            one, other = before.get(name), after.get(name)
            if one == other:
                continue
            path = prefix + name
            if one and other and one.is_folder and other.is_folder:
                yield from self.differences(one.id, other.id, f"{path}/")
                continue
            for entry in (one, other):
                if entry and entry.is_folder:
                    yield from (inner for inner, _ in self.below(entry.id, f"{path}/"))
                elif entry:
                    yield path

    def contents(self, files: Mapping[str, Entry], *, at: str) -> dict[str, bytes]:
        """Path → content of `files`, which are those paths at revision `at`."""
        ids = {entry.id for entry in files.values()}
        found = {id_: content for id_ in ids if (content := self._blobs.get(id_)) is not None}
        if len(ids) - len(found) > _ARCHIVE_ABOVE_FILES:
            found.update(self._from_archive(ids - found.keys(), at))
        for id_ in (
            ids - found.keys()
        ):  # also what an attribute of git kept out of the archive or changed there
            found[id_] = self._fetch_blob(id_)
        return {path: found[entry.id] for path, entry in files.items()}

    def _learn_whole(self, path: str, id_: str) -> None:
        """Ask for what is not known of a folder and all below it, in few requests."""
        for _ in range(_DEEPEST):
            unknown = list(islice(self._unknown(id_), _FOLDERS_SINGLY + 1))
            if len(unknown) > _FOLDERS_SINGLY or (unknown == [id_] and path not in self._read_whole):
                self._fetch_whole(path, id_)
                break
            for one in unknown:
                self.tree(one)
        self._read_whole.add(path)

    def _unknown(self, id_: str) -> Iterator[str]:
        tree = self._trees.get(id_)
        if tree is None:
            yield id_
            return
        for entry in tree.values():
            if entry.is_folder:
                yield from self._unknown(entry.id)

    def _fetch_whole(self, path: str, id_: str) -> None:
        body = self._repository.get(f"/git/trees/{id_}", {"recursive": 1}).body
        if not body.get("truncated"):
            for tree_name, tree in _unfolded(id_, body).items():
                self._trees.put(tree_name, tree)
            return
        for name, entry in self.tree(id_).items():  # GitHub cuts at 100,000 entries or 7 MB
            if entry.is_folder:
                self._learn_whole(f"{path}{name}/", entry.id)

    def _fetch_tree(self, id_: str) -> Tree:
        body = self._repository.get(f"/git/trees/{id_}").body
        if body.get("truncated"):
            raise Unavailable(f"GitHub does not show the whole folder {id_}: it holds too many files")
        return _unfolded(id_, body)[id_]

    def _fetch_blob(self, id_: str) -> bytes:
        body = self._repository.get(f"/git/blobs/{id_}").body
        with as_documented():
            content = base64.b64decode(body["content"])
        if body.get("encoding") != "base64" or blob_id(content) != id_:
            raise Unavailable(f"content {id_} arrived damaged from GitHub")
        self._blobs.put(id_, content)
        return content

    def _from_archive(self, wanted: Collection[str], at: str) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as file:
            self._repository.download_archive(at, file, max_bytes=_ARCHIVE_MAX_BYTES)
            file.seek(0)
            try:
                with tarfile.open(fileobj=file, mode="r|gz") as archive:
                    for content in _contents(archive):
                        id_ = blob_id(content)
                        if id_ in wanted:
                            found[id_] = content
                            self._blobs.put(id_, content)
                        else:
                            self._blobs.put_if_room(id_, content)
            except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
                raise Unavailable(f"the archive of {at} arrived damaged from GitHub: {error}") from error
        return found


@contextmanager
def as_documented() -> Iterator[None]:
    """Raise Unavailable if the block finds an answer that is not built as GitHub documents it."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unavailable(f"GitHub's answer is not built as documented: {error!r}") from error


def parsed_commit(body: Any) -> Commit:  # noqa: ANN401 - parsed JSON
    """The commit that an answer of the Git Data API describes; raise Unavailable if it describes none."""
    with as_documented():
        return Commit(body["sha"], body["tree"]["sha"], tuple(parent["sha"] for parent in body["parents"]))


def _unfolded(root: str, body: Any) -> dict[str, Tree]:  # noqa: ANN401 - parsed JSON
    """Every folder in an answer by its id, compared with that id."""
    folders: dict[str, dict[str, Entry]] = {"": {}}
    ids = {"": root}
    with as_documented():
        for one in body["tree"]:
            parent, _, name = one["path"].rpartition("/")
            folders.setdefault(parent, {})[name] = Entry(one["mode"], one["sha"])
            if one["type"] == "tree":
                ids[one["path"]] = one["sha"]
        unfolded: dict[str, Tree] = {ids[path]: tree for path, tree in folders.items()}
        for id_, tree in unfolded.items():
            if any("\ufffd" in name for name in tree):
                raise Damaged(
                    f"folder {id_} holds a name that is not UTF-8, which GitHub cannot tell: rename it"
                )
            if tree_id(tree) != id_:
                raise Unavailable(f"folder {id_} arrived damaged from GitHub")
    return unfolded


def _contents(archive: tarfile.TarFile) -> Iterator[bytes]:
    """What its plain files hold."""
    for member in archive:
        file = archive.extractfile(member) if member.isreg() else None
        if file is not None:
            yield file.read()
