"""What the card of an A2A agent says: where to ask, and what."""

from collections.abc import Mapping

from a2a.types.a2a_pb2 import AgentCard, AgentInterface, AgentSkill

from a2a_gateway.protocol.selection import EXTENSION
from a2a_gateway.protocol.values import plain
from devnexus.printable import printable
from devnexus_cli.calling.described import Known, skills_told
from devnexus_cli.calling.gateway import NotReached

_BINDINGS = ("JSONRPC", "HTTP+JSON")


def preferred(card: AgentCard) -> AgentCard:
    """The card with the one interface that it prefers of those that we speak; raise NotReached for none."""
    spoken = [one for one in card.supported_interfaces if one.protocol_binding in _BINDINGS]
    if not spoken:
        offered = sorted({one.protocol_binding for one in card.supported_interfaces})
        names = printable(", ".join(offered) or "nothing")
        raise NotReached(f"the agent speaks neither {' nor '.join(_BINDINGS)}: its card offers {names}")
    narrowed = AgentCard()
    narrowed.CopyFrom(card)
    del narrowed.supported_interfaces[:]
    narrowed.supported_interfaces.append(next(filter(_is_current, spoken), spoken[0]))
    return narrowed


def skills_of(card: AgentCard) -> Mapping[str, Known]:
    """The skills, with what they take where the card has that in the extension of ours."""
    extensions = [one for one in card.capabilities.extensions if one.uri == EXTENSION]
    params = plain(extensions[0].params) if extensions else None
    return skills_told({"skills": [_entry(one, params) for one in card.skills]})


def _is_current(interface: AgentInterface) -> bool:
    return interface.protocol_version.startswith("1.")


def _entry(skill: AgentSkill, params: object) -> Mapping[str, object]:
    entry = {
        "id": skill.id,
        "name": skill.name,
        "description": skill.description,
        "requires_authentication": bool(skill.security_requirements),
    }
    match params:
        case {"skills": dict(schemas)}:
            match schemas.get(skill.id):
                case {"inputSchema": dict(schema)}:
                    return {**entry, "input_schema": schema}
    return entry
