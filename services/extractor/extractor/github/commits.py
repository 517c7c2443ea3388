"""Commits as GitHub tells them: https://docs.github.com/en/rest/commits/commits, …/rest/git/commits"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from devnexus.errors import Unavailable
from devnexus.events.patterns_extracted import Commit
from devnexus.github import GitHubRepository
from devnexus.github_refusals import Refused
from extractor.github.wire import Wire

COMMITS_TOLD = 20
_SUBJECT_CHARACTERS = 10_000
_BODY_CHARACTERS = 5_000
_LAST_PAGE = re.compile(r"[?&]page=(\d+)[^>]*>; rel=\"last\"")


class _Person(Wire):
    name: str | None = None
    date: datetime | None = None


class _Tree(Wire):
    sha: str


class _GitCommit(Wire):
    message: str = ""
    author: _Person | None = None
    committer: _Person | None = None
    tree: _Tree


class WireCommit(Wire):
    """A commit as the lists of commits tell it."""

    sha: str
    commit: _GitCommit


class _Ref(Wire):
    object: _Tree


def commit_at(github: GitHubRepository, sha: str) -> WireCommit:
    """The commit of that id; raise Refused with status 404 where it is not there."""
    body = github.get(f"/git/commits/{sha}").body
    return WireCommit(sha=sha, commit=_GitCommit.model_validate(body))


def head_of(github: GitHubRepository, branch: str) -> str | None:
    """The newest commit of a branch; None where the repository has none yet."""
    try:
        return _Ref.model_validate(github.get(f"/git/ref/heads/{branch}").body).object.sha
    except Refused as error:
        if error.status == 409:
            return None
        raise


def newest_commits(github: GitHubRepository, sha: str) -> tuple[WireCommit, ...]:
    """The commit `sha` and those before it, newest first, at most 20."""
    listed = github.get("/commits", {"sha": sha, "per_page": COMMITS_TOLD}).body
    return tuple(WireCommit.model_validate(one) for one in listed)


def told(commits: Sequence[WireCommit]) -> tuple[Commit, ...]:
    """The commits as a record tells them."""
    return tuple(
        Commit(
            sha=one.sha,
            author=(one.commit.author and one.commit.author.name) or "",
            message=_subject_and_body(one.commit.message)[0],
        )
        for one in commits
    )


def bodies(commits: Sequence[WireCommit]) -> Mapping[str, str]:
    """Commit → what its message says below the subject, where it says something."""
    found = ((one.sha, _subject_and_body(one.commit.message)[1]) for one in commits)
    return {sha: body for sha, body in found if body}


def count_of_commits(github: GitHubRepository, sha: str) -> int:
    """How many commits lead to `sha`, itself included."""
    answer = github.get("/commits", {"sha": sha, "per_page": 1})
    last = _LAST_PAGE.search(answer.headers.get("link", ""))
    return int(last[1]) if last else len(answer.body)


def committed_at(commit: WireCommit) -> datetime:
    """When it was committed; raise Unavailable where GitHub does not say."""
    if commit.commit.committer is None or commit.commit.committer.date is None:
        raise Unavailable(f"GitHub does not say when {commit.sha} was committed")
    return commit.commit.committer.date.astimezone(UTC)


def _subject_and_body(message: str) -> tuple[str, str]:
    """As git does: the first paragraph, in one line, and what stands below it."""
    lines = iter(message.strip("\n").split("\n"))
    subject = " ".join(_paragraph(lines))
    return subject[:_SUBJECT_CHARACTERS], "\n".join(lines).strip()[:_BODY_CHARACTERS]


def _paragraph(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if not line.strip():
            return
        yield line.strip()
