"""The channel `orchestrator`, against a stand-in that takes what the real one takes."""

from datetime import UTC, datetime

import pytest
from builders import NOON, sha
from fakes.agents import OrchestratorStandIn, dying, says
from notices import BILLING, ORDERS, RETRY, notice

from devnexus.errors import ConfigurationError
from devnexus.events.notification_requested import Digest, Summary
from devnexus.events.patterns_extracted import ChangedFile
from devnexus.events.similarity_computed import Push
from devnexus.timestamps import write
from notifier.channel import DeliveryFailed, Surroundings
from notifier.channels.orchestrator import CHANNEL, OrchestratorFields

PUSH = Push(
    branch="main",
    author="mira",
    message="Retry with backoff",
    files=(ChangedFile(path="src/http.py", status="modified"), ChangedFile(path="a.py", status="added")),
    keywords=("http", "billing"),
)
RUN = Summary(cause="backfill", repositories=1, names=(BILLING,), began_at=NOON, ended_at=NOON)
SILENT = RETRY.model_copy(update={"name": "Health check"})


def channel(url, **environment):
    surroundings = Surroundings(
        {"ORCHESTRATOR_URL": url, "ALLOW_PRIVATE_TARGETS": "true", **environment}, allow_private_targets=True
    )
    return CHANNEL.open(OrchestratorFields(), surroundings)


def send(to, message):
    to.send("delivery 1", message, datetime.now(UTC))


def test_a_push_is_told_once_with_all_that_is_known_of_it():
    with OrchestratorStandIn(api_key="sesame") as agent:
        told = notice(introduced=(RETRY,), touched=(SILENT, RETRY), gone=(SILENT,), push=PUSH)
        send(channel(agent.url, ORCHESTRATOR_API_KEY="sesame"), told)
    assert agent.notified == [
        {
            "source_repo": "acme/billing",
            "commit_sha": sha("b"),
            "commit_message": "Retry with backoff",
            "branch": "main",
            "changed_files": [
                {"path": "src/http.py", "change_type": "modified", "diff": ""},
                {"path": "a.py", "change_type": "added", "diff": ""},
            ],
            "pattern_summary": {
                "patterns": ["Retry with backoff", "Health check"],
                "keywords": ["http", "billing"],
            },
            "timestamp": write(NOON),
        }
    ]


def test_what_is_not_known_of_a_push_is_empty_and_of_the_type_that_is_required():
    with OrchestratorStandIn() as agent:
        send(channel(agent.url), notice(push=Push(branch="main")))
    (told,) = agent.notified
    assert (told["commit_message"], told["changed_files"]) == ("", [])
    assert told["pattern_summary"] == {"patterns": [], "keywords": []}


def test_a_push_that_came_late_is_told_with_the_commit_that_it_ended_at():
    with OrchestratorStandIn() as agent:
        send(channel(agent.url), notice(push=Push(branch="main", commit=sha("a"))))
    assert agent.notified[0]["commit_sha"] == sha("a")


def test_of_what_another_repository_s_push_brought_about_the_orchestrator_is_not_told():
    with OrchestratorStandIn() as agent:
        send(channel(agent.url), notice(left=(ORDERS,), because=ORDERS))
    assert agent.notified == []


@pytest.mark.parametrize("message", [RUN, Digest(messages=(notice(), notice()))])
def test_it_is_told_of_nothing_but_single_pushes(message):
    with OrchestratorStandIn() as agent, pytest.raises(DeliveryFailed) as failed:
        send(channel(agent.url), message)
    assert failed.value.permanent
    assert (CHANNEL.summaries, CHANNEL.digests, CHANNEL.every_push) == (False, False, True)


def test_a_key_that_is_missing_is_a_failure_that_may_pass_and_names_the_remedy():
    with (
        OrchestratorStandIn(api_key="sesame") as agent,
        pytest.raises(DeliveryFailed, match="401.*Set ORCHESTRATOR_API_KEY") as failed,
    ):
        send(channel(agent.url), notice(push=PUSH))
    assert not failed.value.permanent


@pytest.mark.parametrize(
    ("trouble", "permanent", "disables"),
    [
        (says(422, {"detail": [{"loc": ["body", "branch"], "msg": "Field required"}]}), True, False),
        (says(404, {"detail": "Not Found"}), True, True),
        (says(500, {"detail": "oh"}), False, False),
        (says(200, "not an object"), False, False),
        (dying, False, False),
    ],
)
def test_what_became_of_a_call_says_whether_a_later_one_can_succeed(trouble, permanent, disables):
    with OrchestratorStandIn() as agent:
        agent.answers.trouble = trouble
        with pytest.raises(DeliveryFailed) as failed:
            send(channel(agent.url), notice(push=PUSH))
    assert (failed.value.permanent, failed.value.disables) == (permanent, disables)


def test_how_long_it_asks_to_be_left_alone_is_told():
    with OrchestratorStandIn() as agent:
        agent.answers.trouble = says(429, {"detail": "slow"}, **{"Retry-After": "30"})
        with pytest.raises(DeliveryFailed) as failed:
            send(channel(agent.url), notice(push=PUSH))
    assert failed.value.retry_after == 30


def test_without_an_address_the_channel_cannot_be_opened():
    with pytest.raises(ConfigurationError, match="ORCHESTRATOR_URL is not set"):
        CHANNEL.open(OrchestratorFields(), Surroundings({}))
