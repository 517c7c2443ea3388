"""The shape of GitHub's push webhook, whole: https://docs.github.com/en/webhooks/webhook-events-and-payloads#push"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

NOTHING = "0" * 40


@dataclass(frozen=True)
class Ref:
    """A branch or tag that moved."""

    name: str
    before: str
    after: str
    at: int
    """Seconds since 1970."""
    by_bot: bool = False


@dataclass(frozen=True)
class Hosted:
    """A repository as GitHub numbers and names it."""

    name: str
    number: int
    default_branch: str = "main"
    host: str = "github.com"

    @property
    def url(self) -> str:
        return f"https://{self.host}/{self.name}"


def push_payload(
    hosted: Hosted,
    moved: Ref,
    *,
    commits: Sequence[dict[str, Any]],
    head: dict[str, Any] | None,
    forced: bool,
) -> dict[str, Any]:
    """The payload of one push."""
    owner = hosted.name.partition("/")[0]
    sender = _account("renovate[bot]", 9, "Bot") if moved.by_bot else _account("ada", 8, "User")
    return {
        "ref": moved.name,
        "before": moved.before,
        "after": moved.after,
        "repository": _repository(hosted, owner, moved.at),
        "pusher": {"name": sender["login"], "email": "pusher@example.org"},
        "organization": _organization(owner),
        "sender": sender,
        "installation": {"id": 7, "node_id": "I_7"},
        "created": moved.before == NOTHING,
        "deleted": moved.after == NOTHING,
        "forced": forced,
        "base_ref": None,
        "compare": f"{hosted.url}/compare/{moved.before[:12]}...{moved.after[:12]}",
        "commits": list(commits),
        "head_commit": head,
    }


def told_commit(
    hosted: Hosted,
    sha: str,
    *,
    tree: str,
    message: str,
    timestamp: str,
    author: tuple[str, str],
    committer: tuple[str, str],
    paths: dict[str, list[str]],
) -> dict[str, Any]:
    """A commit as pushes tell it; `paths` by git's letters A, D and M."""
    return {
        "id": sha,
        "tree_id": tree,
        "distinct": True,
        "message": message,
        "timestamp": timestamp,
        "url": f"{hosted.url}/commit/{sha}",
        "author": _person(*author),
        "committer": _person(*committer),
        "added": paths.get("A", []),
        "removed": paths.get("D", []),
        "modified": paths.get("M", []),
    }


def _person(name: str, email: str) -> dict[str, str]:
    return {"name": name, "email": email, "username": name.lower()}


def _repository(hosted: Hosted, owner: str, at: int) -> dict[str, Any]:
    return {
        **{field: f"https://api.github.com/repos/{hosted.name}" for field in _API_ADDRESSES},
        **{field: 0 for field in _COUNTS},
        **{field: False for field in _FLAGS},
        **dict.fromkeys(("description", "homepage", "language", "license", "mirror_url")),
        "id": hosted.number,
        "node_id": f"R_{hosted.number}",
        "name": hosted.name.partition("/")[2],
        "full_name": hosted.name,
        "private": True,
        "owner": {"name": owner, **_account(owner, 1, "Organization"), "email": None},
        "html_url": hosted.url,
        "url": hosted.url,
        "git_url": f"git://github.com/{hosted.name}.git",
        "ssh_url": f"git@github.com:{hosted.name}.git",
        "clone_url": f"{hosted.url}.git",
        "svn_url": hosted.url,
        "created_at": 1_700_000_000,
        "updated_at": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "pushed_at": at,
        "visibility": "private",
        "topics": [],
        "custom_properties": {},
        "default_branch": hosted.default_branch,
        "master_branch": hosted.default_branch,
    }


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
