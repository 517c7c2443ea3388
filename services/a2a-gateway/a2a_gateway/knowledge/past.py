"""What was known at earlier revisions, for the few who ask: beside the head, which never waits for it."""

import threading
from http import HTTPStatus

from a2a_gateway.answer import CannotAnswer
from a2a_gateway.knowledge.component_texts import ComponentTexts
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.knowledge.timeline import Timeline
from a2a_gateway.knowledge.visible import Hidden, Visible
from devnexus.alike.following import FollowingIndex
from devnexus.errors import Unavailable
from devnexus.knowledge.store import Damaged, Store
from devnexus.knowledge.view import View, Views

_KEPT = 4
_PATIENCE_SECONDS = 2.0
_BUSY = "as_of: another earlier revision is being read; ask again in a few seconds"


class Past:
    """Readings of earlier revisions. One is made at a time; the last few are kept."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._timeline = Timeline(store)
        self._index, self._texts = FollowingIndex(), ComponentTexts()
        self._lock = threading.Lock()
        self._views: Views | None = None
        self._kept: dict[tuple[str, str, Hidden], Reading] = {}

    def reading(self, as_of: str, *, now: Reading, whole: View) -> Reading:
        """What was known then of the repositories that are in `now`; others stay hidden, whatever they were.

        `whole` is the view that `now` is of, with those that are hidden there. Raises CannotAnswer where
        `as_of` means no revision before it, or others wait already, and Unavailable.
        """
        if not self._lock.acquire(timeout=_PATIENCE_SECONDS):
            raise CannotAnswer(_BUSY, status=HTTPStatus.SERVICE_UNAVAILABLE)
        try:
            revision = self._timeline.meant(as_of, head=now.revision)
            return now if revision == now.revision else self._at(revision, now, whole)
        except Damaged as error:
            raise Unavailable(str(error)) from error
        finally:
            self._lock.release()

    def _at(self, revision: str, now: Reading, whole: View) -> Reading:
        key = revision, now.revision, now.hidden
        reading = self._kept.pop(key, None) or self._make(revision, now, whole)
        self._kept[key] = reading  # the last used stands last
        if len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return reading

    def _make(self, revision: str, now: Reading, whole: View) -> Reading:
        if self._views is None:  # what did not change since is then one object in both
            self._views = Views(self._store, kept=_KEPT, known=whole)
        view = self._views.at(revision)
        known_today = {id_ for page in now.view.pages.values() for id_ in (page.repository_id, *page.adopted)}
        shown = Visible(lambda page: page.repository_id in known_today).of(view, besides=now.hidden)
        return Reading(shown.view, self._index, self._store, texts=self._texts, hidden=shown.hidden)
