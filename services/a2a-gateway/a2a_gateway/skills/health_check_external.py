"""`health_check_external`: how the other agents are, asked now."""

from collections.abc import Mapping

from a2a_gateway.agents.agent_health import AgentHealth, ask_how_they_are, health_of
from a2a_gateway.answer import Answer, CannotAnswer, Input
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.skill import AskingSkill
from a2a_gateway.world import World
from devnexus.agents import Agent, log_attacker, orchestrator, pattern_miner
from devnexus.agents.looks import Standing
from devnexus.errors import Unavailable

_VARIABLES = {
    orchestrator.NAME: orchestrator.URL,
    log_attacker.NAME: log_attacker.URL,
    pattern_miner.NAME: pattern_miner.URL,
}


class HealthCheckExternal(Input):
    """Which agents to ask."""

    agent: str = ""
    """`orchestrator`, `log-attacker` or `pattern-miner`; empty: every one that is configured."""


class AgentsHealth(Answer):
    """How they are."""

    agents: dict[str, bool]
    """Agent → whether it is well."""
    all_healthy: bool
    """Whether every one that was asked is well; false where there was none to ask."""
    configured: int
    """How many agents are configured, asked or not."""
    not_configured: list[str]
    """Those whose address nobody has told."""
    details: dict[str, AgentHealth]
    message: str


def health_check_external(asked: HealthCheckExternal, knowledge: Reading, world: World) -> AgentsHealth:
    """Ask them how they are, all at once, for at most 5 seconds."""
    configured = {agent.name: agent for agent in world.agents.all()}
    details = _details(_meant(asked.agent), configured, world)
    agents = {name: one.healthy for name, one in details.items()}
    return AgentsHealth(
        agents=agents,
        all_healthy=bool(agents) and all(agents.values()),
        configured=len(configured),
        not_configured=[name for name in _VARIABLES if name not in configured],
        details=details,
        message=_message(agents, configured),
    )


def _meant(word: str) -> str | None:
    """The agent that is called so here or in the original; None for all of them."""
    name = word.strip().lower().replace("_", "-").removeprefix("dependency-").removeprefix("agentic-")
    if name and name not in _VARIABLES:
        raise CannotAnswer(f"agent: {word[:100]!r} is none of {', '.join(_VARIABLES)}")
    return name or None


def _details(wanted: str | None, configured: Mapping[str, Agent], world: World) -> dict[str, AgentHealth]:
    if wanted and wanted not in configured:
        why = f"{_VARIABLES[wanted]} is not set"
        return {wanted: AgentHealth(healthy=False, status="not configured", why=why)}
    asked = [agent for name, agent in configured.items() if wanted in {None, name}]
    looks = ask_how_they_are(asked, now=world.now)
    before = _standings(world) if looks else {}
    return {name: health_of(look, before.get(name)) for name, look in looks.items()}


def _standings(world: World) -> Mapping[str, Standing]:
    """How they were before; what cannot be read is not told, since they were asked just now."""
    try:
        return world.standings()
    except Unavailable:
        return {}


def _message(agents: Mapping[str, bool], configured: Mapping[str, Agent]) -> str:
    if missing := [_VARIABLES[name] for name in agents if name not in configured]:
        return f"Not configured, so it was not asked: set {missing[0]}"
    if not agents:
        return f"No agent is configured, so none was asked: set {', '.join(_VARIABLES.values())}"
    unwell = [name for name, is_well in agents.items() if not is_well]
    return f"Not well: {', '.join(unwell)}" if unwell else "All that were asked are well"


SKILL = AskingSkill(
    id="health_check_external",
    name="Check External Agent Health",
    description="Ask the other agents how they are, and tell since when and how often they were well.",
    tags=("health", "monitoring", "agents"),
    input=HealthCheckExternal,
    output=AgentsHealth,
    run=health_check_external,
    example=HealthCheckExternal(),
)
