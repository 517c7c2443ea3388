"""What GitHub says of two commits: https://docs.github.com/en/rest/commits/commits#compare-two-commits

Of the files it tells at most 300, of some of them no patch, and beyond a budget it passes over in silence
what changed. So which files changed is told by the two trees; the rows here only spare reading old contents.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from devnexus.github import GitHubRepository
from extractor.github.commits import COMMITS_TOLD, WireCommit
from extractor.github.wire import Wire
from extractor.unified_diff import parse_patch

_PER_PAGE = 100


class _Row(Wire):
    filename: str
    status: str
    previous_filename: str | None = None
    patch: str | None = None


class _Comparison(Wire):
    status: Literal["ahead", "behind", "diverged", "identical"]
    total_commits: int
    base_commit: WireCommit
    commits: tuple[WireCommit, ...]
    files: tuple[_Row, ...] = ()


@dataclass(frozen=True)
class Row:
    """What the comparison tells of one file."""

    previous_path: str | None
    """What it was called, where it was renamed."""
    added: tuple[range, ...] | None
    """1-based ranges of added lines; None where they are not told, or not all of them."""


@dataclass(frozen=True)
class Comparison:
    """How one commit leads to another."""

    is_descendant: bool
    newest: tuple[WireCommit, ...]
    """The newest commits that are new, newest first, at most 20."""
    count: int
    trees: tuple[str, str]
    """The ids of both trees."""
    rows: Mapping[str, Row]
    """Path → what is told of it, of those that changed."""


def compare(github: GitHubRepository, before: str, after: str) -> Comparison:
    """How `after` was built on `before`; raise Refused where one of the two is not there."""
    first = _page(github, before, after, 1)
    last, is_one_page = 1 + (first.total_commits - 1) // _PER_PAGE, first.total_commits <= _PER_PAGE
    commits = list(first.commits) if is_one_page else list(_page(github, before, after, last).commits)
    if not is_one_page and len(commits) < COMMITS_TOLD:
        commits = [*_page(github, before, after, last - 1).commits, *commits]
    newest = tuple(reversed(commits[-COMMITS_TOLD:]))
    end = newest[0] if newest else first.base_commit
    return Comparison(
        is_descendant=first.status in {"ahead", "identical"},
        newest=newest,
        count=first.total_commits,
        trees=(first.base_commit.commit.tree.sha, end.commit.tree.sha),
        rows={row.filename: _row(row) for row in first.files},
    )


def _page(github: GitHubRepository, before: str, after: str, number: int) -> _Comparison:
    parameters: dict[str, str | int] = {"per_page": _PER_PAGE, "page": number}
    return _Comparison.model_validate(github.get(f"/compare/{before}...{after}", parameters).body)


def _row(row: _Row) -> Row:
    previous = row.previous_filename if row.status == "renamed" else None
    if not row.patch:
        return Row(previous, None)
    hunks = parse_patch(row.patch.encode("utf-8", "replace"))
    return Row(previous, None if hunks.is_cut else hunks.added)
