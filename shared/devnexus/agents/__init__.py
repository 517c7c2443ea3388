"""The agents around us, each asked by its own contract: the orchestrator, log-attacker and pattern-miner."""

from devnexus.agents.configured import SECRETS, Agents, AgentSettings, open_agents
from devnexus.agents.failure import AgentFailed
from devnexus.agents.peer import Agent, Health

__all__ = ["SECRETS", "Agent", "AgentFailed", "AgentSettings", "Agents", "Health", "open_agents"]
