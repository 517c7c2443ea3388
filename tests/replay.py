"""Pushes as GitHub's webhooks would have told them, made from the history of any clone.

Shapes and fields: https://docs.github.com/en/webhooks/webhook-events-and-payloads#push. GitHub's own examples
hold no ordinary push at all.
"""

import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from push_payloads import NOTHING, Hosted, Ref, push_payload, told_commit

MOST_COMMITS = 2048
"""GitHub tells no more commits in a push."""

_LOG = (
    *("--no-walk=unsorted", "--stdin", "-m", "--first-parent", "--name-status", "--no-renames", "-z"),
    "--format=%x01%H%x00%T%x00%an%x00%ae%x00%cn%x00%ce%x00%cI%x00%B%x00",
)


class Replay:
    """Tells what happens in a clone as GitHub would, for a repository of that name and number."""

    def __init__(self, clone: Path, *, name: str, number: int) -> None:
        self._clone = clone
        self._hosted = Hosted(name, number)

    def push(self, moved: Ref) -> dict[str, Any]:
        """The payload of one push."""
        # a tag tells the commit that it leads to, though no commits
        head = None
        if moved.after != NOTHING:
            head = next(self._read([self._git("rev-parse", f"{moved.after}^{{commit}}")]))
        commits = [] if moved.name.startswith("refs/tags/") else list(self._commits(moved))
        forced = self._is_forced(moved)
        return push_payload(self._hosted, moved, commits=commits, head=head, forced=forced)

    def _commits(self, moved: Ref) -> Iterator[dict[str, Any]]:
        if moved.after == NOTHING:
            return
        since = [] if moved.before == NOTHING else [f"^{moved.before}"]
        listed = self._git("rev-list", "--reverse", f"--max-count={MOST_COMMITS}", moved.after, *since)
        yield from self._read(listed.split())

    def _read(self, shas: list[str]) -> Iterator[dict[str, Any]]:
        output = self._git("log", *_LOG, stdin="\n".join(shas)) if shas else ""
        for entry in output.split("\x01")[1:]:
            sha, tree, author, email, committer, committed_by, at, message, *rest = entry.split("\0")
            fields = [field for field in (part.lstrip("\n") for part in rest) if field]
            paths: dict[str, list[str]] = defaultdict(list)
            for status, path in zip(fields[::2], fields[1::2], strict=True):
                paths["M" if status == "T" else status[0]].append(path)
            yield told_commit(
                self._hosted,
                sha,
                tree=tree,
                message=message.rstrip("\n"),
                timestamp=at,
                author=(author, email),
                committer=(committer, committed_by),
                paths=paths,
            )

    def _is_forced(self, moved: Ref) -> bool:
        if NOTHING in {moved.before, moved.after} or not self._has(moved.before):
            return False
        ahead = ["git", "-C", str(self._clone), "merge-base", "--is-ancestor", moved.before, moved.after]
        return subprocess.run(ahead, capture_output=True, check=False).returncode != 0

    def _has(self, sha: str) -> bool:
        command = ["git", "-C", str(self._clone), "cat-file", "-e", sha]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def _git(self, *arguments: str, stdin: str | None = None) -> str:
        command = ["git", "-C", str(self._clone), *arguments]
        done = subprocess.run(command, check=True, capture_output=True, input=stdin and stdin.encode())
        return done.stdout.decode(errors="replace").strip("\n")
