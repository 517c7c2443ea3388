"""Tells the others of every revision, in order, at least once."""

import logging

from devnexus.knowledge.announcement import announcement
from devnexus.knowledge.commit_message import announced_in, is_ours
from devnexus.knowledge.layout import is_generated
from devnexus.knowledge.store import Revision, Store
from devnexus.pubsub import Publisher

_log = logging.getLogger(__name__)


class Announcer:
    """Remembers the last revision that was announced; after a start, from what the commits say.

    A commit notes what had been announced when it was made. So what comes after that in the log may not
    have been: it is announced again, which is harmless, since an announcement depends only on its commit.
    """

    def __init__(self, store: Store, publisher: Publisher) -> None:
        self._store = store
        self._publisher = publisher
        self._announced: str | None = None

    def announced(self) -> str | None:
        """The last revision that was surely announced, None where nothing says so."""
        if self._announced is None:
            log = self._store.log(self._store.head())
            self._announced = next((told for one in log if (told := announced_in(one.message))), None)
        return self._announced

    def announce(self, head: str) -> None:
        """Announce everything up to `head` that was not; raise Unavailable where that cannot be done now."""
        for revision in reversed(self._pending(head)):
            self._report_foreign_edits(revision)
            self._publisher.publish([announcement(self._store, revision.id)])
            self._announced = revision.id

    def _pending(self, head: str) -> list[Revision]:
        announced = {self.announced()}
        pending: list[Revision] = []
        if head in announced:
            return pending
        for revision in self._store.log(head):
            if revision.id in announced:
                break
            if is_ours(revision.message):  # the last one may be gone from here: somebody moved the branch
                announced.add(announced_in(revision.message))
            if revision.parent is not None:  # the first one holds nothing yet
                pending.append(revision)
        return pending

    def _report_foreign_edits(self, revision: Revision) -> None:
        if revision.parent is None or is_ours(revision.message):
            return
        edited = [path for path in self._store.changed(revision.parent, revision.id) if is_generated(path)]
        if edited:
            _log.warning(
                "somebody edited generated files: a page is overwritten when its repository changes next; "
                "corrections belong into corrections/<owner>/<name>.yaml",
                extra={"revision": revision.id, "paths": edited[:20], "count": len(edited)},
            )
