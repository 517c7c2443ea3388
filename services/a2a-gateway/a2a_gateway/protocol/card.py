"""The agent card, made from the registry."""

from dataclasses import dataclass

from a2a.types.a2a_pb2 import AgentCapabilities, AgentCard, AgentInterface, AgentSkill

from a2a_gateway.described.card import AGENT, DESCRIPTION, VERSION, Home
from a2a_gateway.registry import Skills

_BINDINGS = ("JSONRPC", "HTTP+JSON")


@dataclass(frozen=True)
class Declared:
    """What the card says that can be done besides calling."""

    streaming: bool = True
    push: bool = True
    extended: bool = True


def protocol_card(skills: Skills, home: Home, url: str, declared: Declared) -> AgentCard:
    """The card of version 1.0."""
    return AgentCard(
        name=AGENT,
        description=DESCRIPTION,
        version=VERSION,
        supported_interfaces=[
            AgentInterface(url=f"{url}/a2a/v1", protocol_binding=binding, protocol_version="1.0")
            for binding in _BINDINGS
        ],
        capabilities=AgentCapabilities(
            streaming=declared.streaming,
            push_notifications=declared.push,
            extended_agent_card=declared.extended,
        ),
        default_input_modes=["application/json", "text/plain"],
        default_output_modes=["application/json"],
        skills=[
            AgentSkill(id=one.id, name=one.name, description=one.description, tags=one.tags)
            for one in skills.values()
        ],
    )
