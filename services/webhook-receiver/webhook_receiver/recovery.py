"""Makes up for what the base lacks: gaps, stale heads, repositories that it does not know."""

import logging
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial

from devnexus.events import SnapshotRequested
from devnexus.github_refusals import Refused
from devnexus.knowledge.forgotten import Forgotten, read_forgotten
from devnexus.knowledge.projection import Gap, Projection
from devnexus.knowledge.store import Store
from devnexus.knowledge.view import View, Views
from devnexus.pubsub import Publisher
from devnexus.repository import RepositoryId, is_known_by_name
from webhook_receiver import missed
from webhook_receiver.delivery_attempts import Attempt
from webhook_receiver.installations import Hosted, Installations
from webhook_receiver.swept import Swept

_ABOUT_INSTALLATIONS = frozenset({"installation", "installation_repositories"})
_GITHUB = "github.com"
_log = logging.getLogger(__name__)


class Recovery:
    """One run, repository by repository; it counts in `swept` what it did."""

    def __init__(
        self,
        store: Store,
        publisher: Publisher,
        swept: Swept,
        *,
        under_way: Collection[Attempt],
        now: datetime,
    ) -> None:
        self._publisher = publisher
        self._swept = swept
        self._now = now
        self._pushed = {one.repository for one in under_way if one.event == "push"}
        self._onboarding = any(one.event in _ABOUT_INSTALLATIONS for one in under_way)
        self._view = Views(store).head()
        self._forgotten = read_forgotten(store, at=self._view.revision)
        self._known = _by_id(self._view)

    def run(self, installations: Installations, is_ours: Callable[[str], bool]) -> None:
        """Look at every repository that is followed; raise Unavailable where GitHub cannot be asked."""
        hosts, installed = {_GITHUB}, set[RepositoryId]()
        wants = self._view.people.organisation.wants
        for hosted in installations.repositories():
            id_ = hosted.repository.id
            installed.add(id_)
            hosts.add(id_.partition("/")[0])
            if is_ours(hosted.repository.name) and wants(hosted.repository.name):
                self._look_at(hosted)
        self._swept.not_installed = sorted(
            page.repository_name
            for id_, page in self._known.items()
            if id_ not in installed and id_.partition("/")[0] in hosts and not is_known_by_name(id_)
            if not page.removed
        )

    def _look_at(self, hosted: Hosted) -> None:
        self._swept.repositories += 1
        page = self._known.get(hosted.repository.id)
        number = hosted.repository.id.rpartition("/")[2]
        if number.isdigit() and int(number) in self._pushed:
            self._swept.waiting += 1
            return
        if page is None or not page.recent:
            if self._onboarding or (page and missed.is_about_to_be_read(page, now=self._now)):
                self._swept.waiting += 1
            else:
                self._try(hosted, partial(self._onboard, hosted))
            return
        if page.removed:
            self._publisher.publish([missed.registration(page, hosted.repository)])
            self._swept.registered += 1
        for gap in missed.settled_gaps(page, now=self._now):
            self._try(hosted, partial(self._close_gap, gap, hosted))
        if missed.may_be_stale(page, hosted.pushed_at):
            self._try(hosted, partial(self._close_head, page, hosted))

    def _try(self, hosted: Hosted, recover: Callable[[], None]) -> None:
        """What GitHub refuses of one repository is no reason to leave the others."""
        try:
            recover()
        except Refused as error:
            _log.warning("not recovered: %s", error, extra={"repository": hosted.repository.name})
            if hosted.repository.name not in self._swept.out_of_reach:
                self._swept.out_of_reach.append(hosted.repository.name)

    def _onboard(self, hosted: Hosted) -> None:
        head = hosted.head()
        if head is None or _is_forgotten(self._forgotten, hosted.repository.id, head.committed_at):
            return
        self._publisher.publish(
            [
                SnapshotRequested(
                    cause="snapshot",
                    repository=hosted.repository,
                    sha=head.sha,
                    asked_by=missed.ASKED_BY,
                )
            ]
        )
        self._swept.snapshots += 1

    def _close_gap(self, gap: Gap, hosted: Hosted) -> None:
        hosted.commits(gap.before, count=1)  # what GitHub does not have would come back a hundred times
        push = missed.push_across(gap, hosted.repository, hosted.ref)
        self._publisher.publish([push], topic=SnapshotRequested.TOPIC)
        self._swept.gaps_closed += 1

    def _close_head(self, page: Projection, hosted: Hosted) -> None:
        head = hosted.head()
        if head is None or head.sha == page.recent[0].after:
            return
        now = hosted.as_of_now()
        if not missed.is_settled(committed_at=head.committed_at, pushed_at=now.pushed_at, now=self._now):
            self._swept.waiting += 1
            return
        push = missed.push_to_head(page, now.repository, now.ref, head=head.sha, pushed_at=now.pushed_at)
        if push:
            self._publisher.publish([push], topic=SnapshotRequested.TOPIC)
            self._swept.heads_closed += 1


def _by_id(view: View) -> dict[RepositoryId, Projection]:
    """Every repository that has a page, also one that is hidden."""
    return {good.value.repository_id: good.value for good in view.raw.values() if good.value}


def _is_forgotten(forgotten: Forgotten, repository: RepositoryId, committed_at: datetime) -> bool:
    moment = forgotten.at.get(repository)
    return moment is not None and committed_at <= moment
