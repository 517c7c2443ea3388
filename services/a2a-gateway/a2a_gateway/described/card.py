"""How this service presents itself to agents, in the words of the original system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from a2a_gateway.callers.open_routes import CARD, CARD_OF_OLD
from a2a_gateway.described.json_schema import input_schema
from a2a_gateway.registry import Skills
from a2a_gateway.skill import Skill

AGENT = "pattern_discovery_agent"
SERVICE = "pattern-discovery-agent"
VERSION = version("dev-nexus")

DESCRIPTION = (
    "Knows the architectural patterns of an organisation's repositories, with the lines that show them:"
    " who uses what, what repositories have in common, and who solved a problem before."
)
_PATHS = {
    "execute": "/a2a/execute",
    "cancel": "/a2a/cancel",
    "workflow": "/a2a/workflow/{workflow_id}",
    "agent_card": "/.well-known/agent.json",
    "health": "/health",
    "skills": "/skills",
    "openapi": "/openapi.json",
}


Entry = dict[str, object]
"""A JSON object."""


@dataclass(frozen=True)
class Home:
    """Where this service is at home, and who may read."""

    knowledge: str
    """What the knowledge base is called."""
    public_url: str | None
    is_open: bool
    external_agents: Mapping[str, str | None] = field(default_factory=dict)
    """Agent → where it is, None where it is not configured."""
    takes_tokens: bool = False
    """Whether Google ID tokens prove who calls: somebody is named who could have one."""
    requests_per_minute: int | None = None
    """How often one caller may ask; None: as often as they like."""


def agent_card(entries: Sequence[Entry], home: Home, requested_url: str) -> Entry:
    """The card at `/.well-known/agent.json`, with these `skill_entries`."""
    url = home.public_url or requested_url
    return {
        "name": AGENT,
        "description": DESCRIPTION,
        "version": VERSION,
        "url": url,
        "capabilities": {
            "streaming": False,
            "multimodal": False,
            "authentication": "optional" if home.is_open else "required",
        },
        "skills": entries,
        "metadata": {
            "repository": None,
            "documentation": f"{url}/openapi.json",
            "authentication_note": _note(home, url),
            "knowledge_base": home.knowledge,
            "external_agents": dict(home.external_agents),
            "architecture": "modular",
            "skill_count": len(entries),
            "protocol_cards": _protocol_cards(url),
        },
    }


def _note(home: Home, url: str) -> str:
    reads = (
        "Whoever reaches this service may read." if home.is_open else "Every call needs a verified caller."
    )
    return (
        f"{reads} Say who calls with a Google ID token for {url} as `Authorization: Bearer <token>`,"
        " or with a key as `X-API-Key`. Skills that require authentication take callers who may write."
    )


def _protocol_cards(url: str) -> Entry:
    """Where the cards of the A2A protocol are, by its version."""
    return {"1.0": f"{url}{CARD}", "0.3": f"{url}{CARD_OF_OLD}"}


def front_page(skills: Skills, home: Home, requested_url: str) -> Entry:
    """What `GET /` tells a client that does not ask for HTML."""
    url = home.public_url or requested_url
    endpoints = {name: f"{url}{path}" for name, path in _PATHS.items()}
    return {
        "service": "Pattern Discovery Agent A2A Server",
        "version": VERSION,
        "architecture": "modular",
        "agent_card": endpoints["agent_card"],
        "protocol_cards": _protocol_cards(url),
        "health": endpoints["health"],
        "endpoints": endpoints,
        "skills_registered": len(skills),
        "skills": [*skills],
    }


def skill_entries(skills: Skills) -> list[Entry]:
    """What the card says of each skill; it does not change while the process runs."""
    return [_entry(skill) for skill in skills.values()]


def _entry(skill: Skill[Any]) -> Entry:
    return {
        "id": skill.id,
        "name": skill.name,
        "description": skill.description,
        "tags": list(skill.tags),
        "requires_authentication": skill.is_for_writers,
        "input_schema": input_schema(skill.input),
        "examples": [{"input": skill.example_given(), "description": skill.description}],
    }
