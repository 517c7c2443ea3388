"""Pushes as GitHub's webhooks would have told them, made from the history of any clone.

Shapes and fields: https://docs.github.com/en/webhooks/webhook-events-and-payloads#push. GitHub's own examples
hold no ordinary push at all.
"""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NOTHING = "0" * 40
MOST_COMMITS = 2048
"""GitHub tells no more commits in a push."""

_LOG = "--format=%x01%H%x00%T%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x00"


@dataclass(frozen=True)
class Ref:
    """A branch or tag that moved."""

    name: str
    before: str
    after: str
    at: int
    """Seconds since 1970."""
    by_bot: bool = False


class Replay:
    """Tells what happens in a clone as GitHub would, for a repository of that name and number."""

    def __init__(self, clone: Path, *, name: str, number: int, default_branch: str = "main") -> None:
        self._clone = clone
        self.name = name
        self._number = number
        self._branch = default_branch

    def push(self, moved: Ref) -> dict[str, Any]:
        """The payload of one push."""
        owner = self.name.partition("/")[0]
        url = f"https://github.com/{self.name}"
        commits = list(self._commits(moved, url))
        # a tag tells the commit that it leads to, though no commits
        head = (
            self._commit(self._git("rev-parse", f"{moved.after}^{{commit}}"), url)
            if moved.after != NOTHING
            else None
        )
        told = [] if moved.name.startswith("refs/tags/") else commits
        sender = _account("renovate[bot]", 9, "Bot") if moved.by_bot else _account("ada", 8, "User")
        return {
            "ref": moved.name,
            "before": moved.before,
            "after": moved.after,
            "repository": self._repository(owner, url, moved.at),
            "pusher": {"name": sender["login"], "email": "pusher@example.org"},
            "organization": _organization(owner),
            "sender": sender,
            "installation": {"id": 7, "node_id": "I_7"},
            "created": moved.before == NOTHING,
            "deleted": moved.after == NOTHING,
            "forced": self._is_forced(moved),
            "base_ref": None,
            "compare": f"{url}/compare/{moved.before[:12]}...{moved.after[:12]}",
            "commits": told,
            "head_commit": head,
        }

    def _commits(self, moved: Ref, url: str) -> Iterator[dict[str, Any]]:
        if moved.after == NOTHING:
            return
        span = (
            moved.after
            if moved.before == NOTHING or not self._has(moved.before)
            else f"{moved.before}..{moved.after}"
        )
        listed = self._git("rev-list", "--reverse", f"--max-count={MOST_COMMITS}", span).split()
        yield from self._read(listed, url)

    def _commit(self, sha: str, url: str) -> dict[str, Any]:
        return next(self._read([sha], url))

    def _read(self, shas: list[str], url: str) -> Iterator[dict[str, Any]]:
        if not shas:
            return
        output = self._git(
            "log",
            "--no-walk=unsorted",
            "--stdin",
            "-m",
            "--first-parent",
            "--name-status",
            "--no-renames",
            "-z",
            _LOG,
            stdin="\n".join(shas),
        )
        for entry in output.split("\x01")[1:]:
            sha, tree, name, email, _, committer, committed_by, committed_at, message, *rest = entry.split(
                "\0"
            )
            fields = [field for field in (part.lstrip("\n") for part in rest) if field]
            paths: dict[str, list[str]] = {"A": [], "D": [], "M": []}
            for status, path in zip(fields[::2], fields[1::2], strict=True):
                paths["M" if status == "T" else status[0]].append(path)
            yield {
                "id": sha,
                "tree_id": tree,
                "distinct": True,
                "message": message.rstrip("\n"),
                "timestamp": committed_at,
                "url": f"{url}/commit/{sha}",
                "author": {"name": name, "email": email, "username": name.lower()},
                "committer": {"name": committer, "email": committed_by, "username": committer.lower()},
                "added": paths["A"],
                "removed": paths["D"],
                "modified": paths["M"],
            }

    def _repository(self, owner: str, url: str, at: int) -> dict[str, Any]:
        return {
            **{field: f"https://api.github.com/repos/{self.name}" for field in _API_ADDRESSES},
            **{field: 0 for field in _COUNTS},
            **{field: False for field in _FLAGS},
            **dict.fromkeys(("description", "homepage", "language", "license", "mirror_url")),
            "id": self._number,
            "node_id": f"R_{self._number}",
            "name": self.name.partition("/")[2],
            "full_name": self.name,
            "private": True,
            "owner": {"name": owner, **_account(owner, 1, "Organization"), "email": None},
            "html_url": url,
            "url": url,
            "git_url": f"git://github.com/{self.name}.git",
            "ssh_url": f"git@github.com:{self.name}.git",
            "clone_url": f"{url}.git",
            "svn_url": url,
            "created_at": 1_700_000_000,
            "updated_at": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "pushed_at": at,
            "visibility": "private",
            "topics": [],
            "custom_properties": {},
            "default_branch": self._branch,
            "master_branch": self._branch,
        }

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


_API_ADDRESSES = [
    f"{part}_url"
    for part in (
        "archive assignees blobs branches collaborators comments commits compare contents contributors"
        " deployments downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events"
        " issues keys labels languages merges milestones notifications pulls releases stargazers statuses"
        " subscribers subscription tags teams trees"
    ).split()
]
_COUNTS = (
    "forks forks_count open_issues open_issues_count size stargazers stargazers_count watchers watchers_count"
).split()
_FLAGS = (
    "archived disabled fork has_discussions has_downloads has_issues has_pages has_projects has_wiki"
    " is_template allow_forking web_commit_signoff_required"
).split()


def _organization(login: str) -> dict[str, Any]:
    api = f"https://api.github.com/orgs/{login}"
    parts = ("repos", "events", "hooks", "issues", "members", "public_members", "avatar")
    addresses = {f"{part}_url": f"{api}/{part}" for part in parts}
    return {**addresses, "login": login, "id": 1, "node_id": "O_1", "url": api, "description": ""}


def _account(login: str, number: int, kind: str) -> dict[str, Any]:
    api = f"https://api.github.com/users/{login}"
    parts = (
        "followers following gists starred subscriptions organizations repos events received_events".split()
    )
    return {
        **{f"{part}_url": f"{api}/{part}" for part in parts},
        "login": login,
        "id": number,
        "node_id": f"U_{number}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{number}",
        "gravatar_id": "",
        "url": api,
        "html_url": f"https://github.com/{login}",
        "type": kind,
        "site_admin": False,
    }
