"""What connects the repositories of one commit of knowledge to all others: copies and use."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devnexus.alike.affected import Affected, affected
from devnexus.alike.copied import Pair, new_pairs
from devnexus.alike.copy_index import CopyIndex
from devnexus.knowledge.consumers import Uses
from devnexus.knowledge.differing import Pages
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.view import View
from devnexus.repository import RepositoryId


@dataclass(frozen=True)
class Connected:
    """What is new between the repositories that a commit changed and others."""

    copies: Mapping[RepositoryId, Sequence[Pair]]
    affected: Mapping[RepositoryId, Affected]


class Connections:
    """Indexes over all repositories that follow from one revision to the next, whichever is asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._copies = CopyIndex()
        self._uses = Uses()

    def since(self, before: Pages, now: View, changed: Sequence[Projection]) -> Connected:
        """What is so `now` and was not `before`, of the pages of `changed`."""
        with self._lock:
            self._move_to(now.repositories)
            return Connected(
                copies=new_pairs(before, changed, self._copies, self._uses, not_alike=now.not_alike),
                affected={
                    page.repository_id: affected(page, old, self._uses.of(page.repository_id))
                    for page in changed
                    if page.published_packages and (old := before.get(page.repository_id))
                },
            )

    def _move_to(self, pages: Pages) -> None:
        copies, uses = self._copies, self._uses
        self._copies, self._uses = CopyIndex(), Uses()  # should moving fail half-way, the next starts anew
        copies.move_to(pages)
        uses.move_to(pages)
        self._copies, self._uses = copies, uses
