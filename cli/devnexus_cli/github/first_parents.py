"""The newest first-parent commits of a branch on GitHub, which lists all commits and not those."""

from dataclasses import dataclass

from webhook_receiver.installations import PAGE, Hosted, HostedCommit

_MOST_PAGES = 100
"""Of one repository: 10,000 commits, merged ones included."""


@dataclass(frozen=True)
class Chain:
    """Commits of which each is the first parent of the next."""

    base: HostedCommit | None
    """The one before the first, None where the first has no parent."""
    commits: tuple[HostedCommit, ...]
    """Oldest first."""


def newest_first_parents(hosted: Hosted, count: int, *, head: str | None = None) -> Chain:
    """The last `count` up to `head` (default: that of the default branch), as many as GitHub lists.

    Raises Unavailable, as Refused where there is no such commit.
    """
    known: dict[str, HostedCommit] = {}
    newest_first: list[HostedCommit] = []
    wanted, page = head, 0
    while len(newest_first) <= count and page < _MOST_PAGES:
        page += 1
        listed = hosted.commits(head, page=page)
        known.update({one.sha: one for one in listed})
        if page == 1 and listed:
            head = wanted = listed[0].sha  # the branch may move between two pages
        while wanted in known and len(newest_first) <= count:
            newest_first.append(known[wanted])
            wanted = known[wanted].first_parent
        if len(listed) < PAGE or wanted is None:
            break
    oldest_first = newest_first[::-1]
    if not oldest_first or (oldest_first[0].first_parent is None and len(oldest_first) <= count):
        return Chain(None, tuple(oldest_first))
    return Chain(oldest_first[0], tuple(oldest_first[1:]))
