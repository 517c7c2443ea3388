"""Makes the folders and the commit of a change in a GitHub repository; no branch shows them yet."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from devnexus.errors import Unavailable
from devnexus.github import GitHubRepository
from devnexus.knowledge.store import Damaged
from devnexus.knowledge.stores.content_budget import ContentBudget
from devnexus.knowledge.stores.git_objects import FILE, Entry, Tree, blob_id, edited
from devnexus.knowledge.stores.github_reading import Commit, GitHubReading, as_documented, parsed_commit

_AUTHOR = {"name": "dev-nexus", "email": "dev-nexus@users.noreply.github.com"}

_INLINE_BYTES = 500_000
"""A larger file is sent by a request of its own; a smaller one together with the folders."""

_TREE_BYTES = 1_000_000
_TREE_ENTRIES = 100
"""What goes into one request for folders: GitHub fails (502) above about 2.5 MB or 200 files."""


class GitHubWriting:
    """Sends what creates content, each request counted and sent exactly once."""

    def __init__(self, repository: GitHubRepository, reading: GitHubReading, budget: ContentBudget) -> None:
        self._repository = repository
        self._reading = reading
        self._budget = budget

    def create_folders(self, base: str, changes: Mapping[str, bytes | None]) -> tuple[str, dict[str, Tree]]:
        """The id of the folder `base` after `changes`, and every folder that is new by them.

        Raises Damaged if GitHub made anything else of them than git does.
        """
        entries = self._entries(base, changes)
        wanted, folders = edited(base, entries, tree=self._reading.tree)
        created = self._create_tree(base, entries, changes)
        if created != wanted:
            raise Damaged(f"GitHub made folder {created} of what must be {wanted}; nothing was committed")
        return wanted, folders

    def create_commit(self, tree: str, *, message: str, parent: str) -> Commit:
        """A commit of the folder `tree` on top of `parent`."""
        signed = {**_AUTHOR, "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        body = {"message": message, "tree": tree, "parents": [parent], "author": signed, "committer": signed}
        commit = parsed_commit(self.send("POST", "/git/commits", body))
        if commit.tree != tree or commit.parents != (parent,):
            raise Damaged(f"GitHub made another commit {commit.id} than it was asked for")
        return commit

    def put_file(self, path: str, content: bytes, *, message: str) -> None:
        """Commit one file to the default branch, which comes to be by it if the repository is empty."""
        body = {"message": message, "content": base64.b64encode(content).decode(), "committer": _AUTHOR}
        self.send("PUT", f"/contents/{path}", body)

    def send(self, method: str, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 - parsed JSON
        """What GitHub answers; what it asks to wait goes into the budget."""
        self._budget.spend()
        try:
            return self._repository.send(method, path, body)
        except Unavailable as error:
            if error.retry_after_seconds is not None:
                self._budget.hold(error.retry_after_seconds)
            raise

    def _entries(self, base: str, changes: Mapping[str, bytes | None]) -> dict[str, Entry | None]:
        """The changes, without those that take away what is not there: GitHub refuses these."""
        entries: dict[str, Entry | None] = {}
        for path, content in changes.items():
            if content is not None:
                entries[path] = Entry(FILE, blob_id(content))
            elif self._reading.find(base, path) is not None:
                entries[path] = None
        return entries

    def _create_tree(
        self, base: str, entries: Mapping[str, Entry | None], changes: Mapping[str, bytes | None]
    ) -> str:
        rows: list[dict[str, object]] = []
        size = 0
        for path, entry in sorted(entries.items()):
            row, inline_bytes = self._row(path, entry, changes[path])
            if rows and (len(rows) == _TREE_ENTRIES or size + inline_bytes > _TREE_BYTES):
                base, rows, size = self._post_tree(base, rows), [], 0
            rows.append(row)
            size += inline_bytes
        return self._post_tree(base, rows) if rows else base

    def _row(self, path: str, entry: Entry | None, content: bytes | None) -> tuple[dict[str, object], int]:
        row: dict[str, object] = {"path": path, "mode": FILE, "type": "blob"}
        if entry is None or content is None:
            return {**row, "sha": None}, 0
        text = _as_text(content)
        if text is not None:
            return {**row, "content": text}, len(content)
        made = self._post_blob(content)
        if made != entry.id:
            raise Damaged(f"GitHub stored {made} for content that is {entry.id}; nothing was committed")
        return {**row, "sha": entry.id}, 0

    def _post_blob(self, content: bytes) -> str:
        body = {"content": base64.b64encode(content).decode(), "encoding": "base64"}
        answer = self.send("POST", "/git/blobs", body)
        with as_documented():
            return str(answer["sha"])

    def _post_tree(self, base: str, rows: list[dict[str, object]]) -> str:
        answer = self.send("POST", "/git/trees", {"base_tree": base, "tree": rows})
        with as_documented():
            return str(answer["sha"])


def _as_text(content: bytes) -> str | None:
    """The content as JSON can carry it among the folders, None if it cannot or should not."""
    if len(content) > _INLINE_BYTES or b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
