"""What the card of an A2A agent says: where to ask, and what."""

from collections.abc import Mapping
from contextlib import suppress

from a2a.types.a2a_pb2 import AgentCard, AgentInterface, AgentSkill

from a2a_gateway.protocol.selection import EXTENSION
from a2a_gateway.protocol.values import plain
from devnexus.printable import printable
from devnexus_cli.calling.described import Known, skills_told
from devnexus_cli.calling.gateway import NotReached, is_address

_BINDINGS = ("JSONRPC", "HTTP+JSON")
_VERSIONS = ("1.", "0.3")


def preferred(card: AgentCard) -> AgentCard:
    """The card with the one interface that it prefers of those that we speak; raise NotReached for none."""
    spoken = [one for one in card.supported_interfaces if _is_spoken(one)]
    if not spoken:
        offered = {f"{one.protocol_binding} {one.protocol_version}" for one in card.supported_interfaces}
        names = printable(", ".join(sorted(offered)) or "nothing")
        raise NotReached(f"the card has no address to ask at by {' or '.join(_BINDINGS)}: it offers {names}")
    narrowed = AgentCard()
    narrowed.CopyFrom(card)
    del narrowed.supported_interfaces[:]
    narrowed.supported_interfaces.append(next(filter(_is_current, spoken), spoken[0]))
    return narrowed


def skills_of(card: AgentCard) -> Mapping[str, Known]:
    """The skills, with what they take where the card has that in the extension of ours."""
    params = _params(card)
    return skills_told({"skills": [_entry(one, params) for one in card.skills]})


def _is_spoken(interface: AgentInterface) -> bool:
    known = interface.protocol_binding in _BINDINGS and interface.protocol_version.startswith(_VERSIONS)
    return known and is_address(interface.url)


def _is_current(interface: AgentInterface) -> bool:
    return interface.protocol_version.startswith("1.")


def _params(card: AgentCard) -> object:
    for extension in card.capabilities.extensions:
        if extension.uri == EXTENSION:
            with suppress(ValueError):
                return plain(extension.params)
    return None


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
