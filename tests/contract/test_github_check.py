"""Notices as checks on commits, at what stands for GitHub."""

import subprocess
from datetime import timedelta

import pytest
from builders import NOON
from fakes.github import FakeGitHub
from fakes.github_gate import Fault
from fakes.github_world import IMPATIENT, running_github
from notices import RETRY, alike

from devnexus.events.notification_requested import Notice
from devnexus.events.patterns_extracted import NotRead
from devnexus.events.similarity_computed import Named
from notifier.channel import DeliveryFailed
from notifier.channels.github_check import NAME, PER_HOUR, PER_MINUTE, open_github_check


class World:
    def __init__(self, github):
        self.github = github
        self.name = github.backend.new_repository()
        tree = self.git("mktree", stdin="")
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        self.commit = self.git(*who, "commit-tree", tree, "-m", "A step")
        self.git("update-ref", "refs/heads/main", self.commit)
        self.seconds = 0.0
        self.channel = open_github_check(github.app_environment(), patience=IMPATIENT)
        self.channel._host = "github.com"  # the gate is at 127.0.0.1
        self.channel._clock = lambda: self.seconds

    def git(self, *arguments, stdin=None):
        command = ["git", "-C", self.github.backend.path(self.name), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, input=stdin).stdout.strip()

    def send(self, delivery="d1", **changes):
        notice = Notice(
            repository=Named(id="github.com/42", name=self.name),
            revision="1" * 40,
            commit=self.commit,
            at=NOON,
            **{"introduced": (RETRY,), **changes},
        )
        self.channel.send(delivery, notice, NOON + timedelta(seconds=5))

    def checks(self):
        return self.github.backend.checks.get(self.name, [])


@pytest.fixture
def world(tmp_path):
    with running_github(FakeGitHub(tmp_path)) as github:
        yield World(github)


def test_a_notice_becomes_a_neutral_check_on_its_commit(world):
    world.send(entered=(alike(),))
    (check,) = world.checks()
    assert (check["name"], check["head_sha"], check["conclusion"]) == (NAME, world.commit, "neutral")
    assert check["completed_at"] == "2026-03-01T12:00:05Z"
    assert check["output"]["title"].endswith("Retry with backoff is new (src/http.py:14, strong)")
    assert "\n- now like acme/orders" in check["output"]["summary"]


def test_a_notice_that_comes_again_replaces_its_check_and_another_gets_its_own(world):
    world.send("d1")
    world.send("d1", introduced=(), gone=(RETRY,))
    world.send("d2")
    assert [check["external_id"] for check in world.checks()] == ["d1", "d2"]
    assert "is gone" in world.checks()[0]["output"]["summary"]


def test_a_check_also_tells_what_was_touched_and_what_was_not_looked_at(world):
    unread = NotRead(reason="lock file", count=5, paths=("a.lock", "b.lock", "c.lock", "d.lock"))
    world.send(touched=(RETRY.model_copy(update={"name": "Kafka messaging"}),), not_read=(unread,))
    summary = world.checks()[0]["output"]["summary"]
    assert summary.split("\n")[1:] == [
        "- touched: Kafka messaging",
        "- not looked at: 5 × lock file \\(a.lock, b.lock, c.lock and 2 more\\)",
    ]


def test_what_repositories_are_called_is_no_markup(world):
    hostile = RETRY.model_copy(update={"name": "<img src=x> [a](http://x) @ada `c`"})
    world.send(introduced=(hostile,))
    summary = world.checks()[0]["output"]["summary"]
    assert "\\<img src=x\\> \\[a\\]\\(http://x\\) \\@ada \\`c\\`" in summary


def test_a_long_notice_fits_into_what_github_takes(world):
    world.send(introduced=(RETRY.model_copy(update={"name": "x" * 300}),) * 300)
    output = world.checks()[0]["output"]
    assert len(output["title"]) <= 255
    assert len(output["summary"]) <= 65_535


def test_the_token_may_make_checks_and_nothing_else(world):
    world.send()
    (token,) = world.github.gate.may_check
    assert world.github.gate.tokens[token] == "none"


@pytest.mark.parametrize(("window", "allowed"), [(60, PER_MINUTE), (3600, PER_HOUR)])
def test_more_checks_than_their_share_wait(world, window, allowed):
    for number in range(allowed):
        world.seconds = number * (window - 1) / allowed
        world.channel._take_share()
    with pytest.raises(DeliveryFailed) as refused:
        world.send()
    assert not refused.value.permanent
    assert 0 < refused.value.retry_after <= window
    world.seconds += refused.value.retry_after + 0.01
    world.send()
    assert len(world.checks()) == 1


@pytest.mark.parametrize(
    ("status", "permanent"), [(403, True), (404, True), (410, True), (422, True), (502, False), (401, False)]
)
def test_a_refusal_ends_the_delivery_only_where_waiting_does_not_help(world, status, permanent):
    world.github.gate.faults.append(Fault("POST", "/check-runs", status=status, message="No"))
    with pytest.raises(DeliveryFailed) as refused:
        world.send()
    assert refused.value.permanent is permanent


def test_a_missing_permission_is_named(world):
    message = "Resource not accessible by integration"
    world.github.gate.faults.append(Fault("POST", "/check-runs", status=403, message=message))
    with pytest.raises(DeliveryFailed, match="checks: write"):
        world.send()


def test_a_limit_is_waited_out(world):
    headers = {"Retry-After": "90"}
    limit = Fault("POST", "/check-runs", status=403, message="secondary rate limit", headers=headers)
    world.github.gate.faults.append(limit)
    with pytest.raises(DeliveryFailed) as refused:
        world.send()
    assert (refused.value.permanent, refused.value.retry_after) == (False, 90.0)


def test_a_repository_elsewhere_gets_no_check(world):
    world.channel._host = "git.acme.example"
    with pytest.raises(DeliveryFailed, match="not on git.acme.example") as refused:
        world.send()
    assert refused.value.permanent
