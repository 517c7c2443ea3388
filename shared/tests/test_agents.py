"""Whatever an agent answers, our clients give a value or say that it failed."""

import json

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from devnexus.agents import AgentFailed
from devnexus.agents.log_attacker import LogAttacker
from devnexus.agents.orchestrator import ChangeNotification, Orchestrator, PatternSummary
from devnexus.agents.pattern_miner import PatternMiner
from devnexus.agents.peer import Peer
from devnexus.outbound import Answer, web_address
from devnexus.printable import printable

CHANGE = ChangeNotification(
    source_repo="acme/billing",
    commit_sha="b",
    commit_message="",
    branch="main",
    changed_files=(),
    pattern_summary=PatternSummary(),
    timestamp="2026-11-28T12:00:00Z",
)
FIELDS = (
    *("success", "data", "error", "detail", "result", "status", "dependents", "consumers", "derivatives"),
    *("repo", "repository", "patterns", "repositories", "recommendations", "context", "pattern_type"),
    *("requires_action", "confidence", "recommended_changes", "issues_identified", "analysis_metadata"),
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
CONTENT = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5),
    max_leaves=20,
)
ENVELOPES = st.builds(
    lambda content, data: {**content, "success": True, "data": data, "result": data},
    st.dictionaries(st.sampled_from(FIELDS), CONTENT, max_size=6),
    CONTENT,
)
DEEP = b'{"success":true,"repository":"a","recommendations":[],"context":%s1%s}' % (
    b'{"\\u001b[2J":' * 400,
    b"}" * 400,
)
BODIES = (
    (CONTENT | ENVELOPES).map(lambda content: json.dumps(content).encode())
    | st.binary(max_size=50)
    | st.sampled_from([b"[" * 100_000, b'{"success": true, "data": "\\ud800"}', b"9" * 5000])
)


class Answering:
    """An Outbound that has one answer."""

    def __init__(self, status, body):
        self.answer = Answer(status=status, body=body)

    def request(self, method, address, **_):
        return self.answer


def calls(peer):
    orchestrator, log_attacker, pattern_miner = Orchestrator(peer), LogAttacker(peer), PatternMiner(peer)
    yield orchestrator.health
    yield lambda: (noted := orchestrator.notify(CHANGE)) and noted.consumers + noted.derivatives
    yield lambda: orchestrator.dependencies("acme/billing")
    yield lambda: orchestrator.impact(CHANGE, "acme/orders", "consumer")
    yield lambda: log_attacker.analyze_and_monitor_logs("what?", service="billing")
    yield lambda: pattern_miner.analyze_repository("acme/billing")
    yield lambda: pattern_miner.compare_implementations(["a", "b"], "retry")
    yield lambda: pattern_miner.get_recommendations("acme/billing", {})


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from([200, 200, 200, 422, 500]), BODIES)
@example(200, DEEP)
def test_no_answer_can_do_harm(status, body):
    peer = Peer(
        name="agent",
        variable="AGENT_URL",
        base=web_address("https://agent.example.org", allow_private=False),
        outbound=Answering(status, body),
        unknown_here="Set AGENT_KEY",
        headers=lambda: {"X-API-Key": "sesame-and-more"},
    )
    for call in calls(peer):
        try:
            call()
        except AgentFailed as failed:
            assert str(failed) == printable(str(failed)) and len(str(failed)) < 1000
            assert "sesame" not in str(failed)
