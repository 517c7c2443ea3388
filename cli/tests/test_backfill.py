"""The past of a repository as pushes: which ones, at which times, and broken off in the middle."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from builders import NOON, repository, sha
from fakes.pubsub import FakePublisher

from devnexus.errors import Unavailable
from devnexus.events import CommitPushed, SnapshotRequested
from devnexus.git_names import NO_COMMIT
from devnexus.github import Answer
from devnexus.github_refusals import Refused
from devnexus.timestamps import write
from devnexus_cli.github.backfill import Backfill, estimate
from devnexus_cli.github.progress import ProgressFile
from webhook_receiver.installations import Hosted

REPOSITORY = repository()


class Listed:
    """A repository as GitHub lists its commits: newest first, merged ones between the others."""

    def __init__(self, length, *, merged=0, minutes=None):
        self.calls = 0
        self._rows = []
        for n in range(length):
            minute = minutes[n] if minutes else n
            parents = [sha(f"c{n - 1}")] if n else []
            side = [sha(f"c{n}-side{k}") for k in range(merged)]
            self._rows += [_row(one, parents, minute - 0.5) for one in side]
            self._rows.append(_row(sha(f"c{n}"), parents + side[:1], minute))
        self._rows.reverse()

    def get(self, path):
        self.calls += 1
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        start = next((n for n, row in enumerate(self._rows) if row["sha"] == query["sha"]), None)
        if start is None and query["sha"] != "main":
            raise Refused("no such commit", status=404)
        size, page = int(query["per_page"]), int(query["page"])
        first = (start or 0) + size * (page - 1)
        return Answer(200, {}, self._rows[first : first + size])

    def grow(self, name):
        self._rows.insert(0, _row(sha(name), [self._rows[0]["sha"]], 10_000))

    def hosted(self, pushed_at=NOON + timedelta(days=300)):
        return Hosted(REPOSITORY, pushed_at, self.get)


def _row(id_, parents, minute):
    date = write(NOON + timedelta(minutes=minute))
    parents = [{"sha": parent} for parent in parents]
    return {"sha": id_, "parents": parents, "commit": {"committer": {"date": date}}}


class Run:
    """One backfill of 10 commits, or so many."""

    def __init__(self, home, hosted, *, commits=10, known=(), breaks_after=None):
        self.broker = FakePublisher()
        self.told = 0
        self._left = breaks_after
        progress = ProgressFile(home, "acme", commits)
        self.backfill = Backfill(self.broker, progress, known, commits, wait=self._wait, tell=self._tell)
        try:
            self.backfill.run([hosted])
            self.broke = False
        except Unavailable:
            self.broke = True

    def _wait(self):
        if self._left == 0:
            raise Unavailable("broken off")
        self._left = None if self._left is None else self._left - 1

    def _tell(self, number):
        self.told += number

    @property
    def pushes(self):
        return [event for event in self.broker.published if isinstance(event, CommitPushed)]

    @property
    def snapshots(self):
        return [event for event in self.broker.published if isinstance(event, SnapshotRequested)]


def test_each_first_parent_commit_is_a_push_after_a_snapshot_of_what_they_are_built_on(tmp_path):
    run = Run(tmp_path, Listed(60, merged=9).hosted())
    steps = [(push.before, push.after, push.cause) for push in run.pushes]
    assert steps == [(sha(f"c{n - 1}"), sha(f"c{n}"), "backfill") for n in range(50, 60)]
    (asked,) = run.snapshots
    assert run.broker.published[0] is asked
    assert (asked.sha, asked.as_of) == (sha("c49"), NOON + timedelta(minutes=49))
    assert set(run.broker.topics) == {"commit-bulk"}
    assert run.told == 10


def test_a_repository_that_is_known_needs_no_snapshot_and_a_young_one_has_none(tmp_path):
    assert Run(tmp_path, Listed(60).hosted(), known={REPOSITORY.id}).snapshots == []
    young = Run(tmp_path, Listed(3).hosted())
    assert young.snapshots == []
    assert [push.before for push in young.pushes] == [NO_COMMIT, sha("c0"), sha("c1")]
    assert young.told == 10, "the bar ends at its end"


def test_more_commits_than_a_page_holds_are_followed_from_page_to_page(tmp_path):
    listed = Listed(260)
    run = Run(tmp_path, listed.hosted(), commits=250)
    assert (len(run.pushes), listed.calls) == (250, 3)
    assert run.pushes[0].after == sha("c10")


def test_times_never_go_back_and_never_beyond_the_last_push(tmp_path):
    listed = Listed(5, minutes=[0, 30, 10, 20, 10**6])
    hosted = listed.hosted(pushed_at=NOON + timedelta(minutes=60))
    minutes = [(push.pushed_at - NOON) / timedelta(minutes=1) for push in Run(tmp_path, hosted).pushes]
    assert minutes == [0, 30, 30, 30, 60]


@pytest.mark.parametrize("breaks_after", [0, 1, 2, 5, 10])
def test_broken_off_it_goes_on_where_it_stopped_also_when_the_branch_has_moved(tmp_path, breaks_after):
    whole = Run(tmp_path / "other", Listed(60).hosted())
    listed = Listed(60)
    first = Run(tmp_path, listed.hosted(), breaks_after=breaks_after)
    assert first.broke
    if breaks_after > 1:
        listed.grow("later")
    known = {REPOSITORY.id} if breaks_after > 1 else set()  # its snapshot was read meanwhile
    second = Run(tmp_path, listed.hosted(), known=known)
    published = [event.id for event in (*first.pushes, *second.pushes)]
    assert published == [event.id for event in whole.pushes]
    assert {event.id for event in (*first.snapshots, *second.snapshots)} == {whole.snapshots[0].id}
    assert second.told == 10
    assert list((tmp_path / "backfill").glob("*")) == []


def test_another_number_of_commits_is_another_backfill(tmp_path):
    Run(tmp_path, Listed(60).hosted(), breaks_after=5)
    assert len(Run(tmp_path, Listed(60).hosted(), commits=20).pushes) == 20


def test_what_github_refuses_is_named(tmp_path):
    def refuse(path):
        raise Refused("blocked", status=451)

    run = Run(tmp_path, Hosted(REPOSITORY, NOON, refuse))
    assert run.backfill.out_of_reach == [REPOSITORY.name]


def test_what_it_takes_is_said_before_anything_is_asked():
    listed = Listed(60)
    takes = estimate([listed.hosted()], (), 250)
    assert (takes.commits, takes.unknown, takes.listing_calls, takes.reading_calls) == (250, 1, 4, 1506)
    assert listed.calls == 0
