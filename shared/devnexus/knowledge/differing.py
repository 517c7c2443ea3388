"""What differs between two revisions in memory: pages that did not change are the same objects in both."""

from collections.abc import Iterator, Mapping

from devnexus.knowledge.projection import Projection
from devnexus.repository import RepositoryId

Pages = Mapping[RepositoryId, Projection]
"""What is known of every repository, at one revision."""


def differences(before: Pages, after: Pages) -> Iterator[tuple[Projection | None, Projection | None]]:
    """Each page as it was and as it is, where that is not the same object; None where there is none."""
    for id_, was in before.items():
        now = after.get(id_)
        if now is not was:
            yield was, now
    for id_, now in after.items():
        if id_ not in before:
            yield None, now
