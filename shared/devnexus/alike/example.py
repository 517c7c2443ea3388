"""Which repository to show as an example of a pattern: the one that came to it last."""

from collections.abc import Iterable

from devnexus.knowledge.projection import Projection


def newest_example(pattern: str, having: Iterable[Projection]) -> Projection:
    """One that was seen to take the pattern up, before all in which it was found; of these the last."""
    return max(
        having,
        key=lambda page: (
            was_taken_up(page, pattern),
            page.standing_patterns[pattern].first_seen.at,
            page.repository_id,
        ),
    )


def was_taken_up(page: Projection, pattern: str) -> bool:
    """Whether the repository was known before it had the pattern: else nobody knows how old that is."""
    since = page.created_at
    return since is not None and page.standing_patterns[pattern].first_seen.at > since
