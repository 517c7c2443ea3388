"""Cards with the JSON Schemas of all skills, which say what `AgentSkill` has no field for."""

from functools import cache
from typing import Any

from a2a.compat.v0_3.conversions import to_compat_agent_card
from a2a.types.a2a_pb2 import AgentCard
from google.protobuf.json_format import MessageToDict

from a2a_gateway.answer import Answer
from a2a_gateway.described.card import Entry, Home
from a2a_gateway.described.json_schema import Schema, answer_schema, input_schema
from a2a_gateway.described.shapes import Age
from a2a_gateway.limits import MAX_BODY_BYTES
from a2a_gateway.protocol.card import requirements
from a2a_gateway.protocol.values import as_value
from a2a_gateway.registry import Skills


def open_card(card: AgentCard, skills: Skills) -> Entry:
    """A card of version 1.0 in JSON, as everybody may read it."""
    return _with_schemas(MessageToDict(card), skills)


def open_card_of_old(card: AgentCard, skills: Skills) -> Entry:
    """A card in the JSON of version 0.3; it has to name an interface of that version."""
    return _with_schemas(to_compat_agent_card(card).model_dump(by_alias=True, exclude_none=True), skills)


def extended_card(card: AgentCard, skills: Skills, home: Home) -> AgentCard:
    """The card with what is only for callers who proved who they are, as they have to at every call of it."""
    more = AgentCard()
    more.CopyFrom(card)
    del more.security_requirements[:]
    more.security_requirements.extend(requirements(home))
    params = {
        "skills": _schemas(skills),
        "knowledgeBase": home.knowledge,
        "externalAgents": dict(home.external_agents),
        "limits": {"bodyBytes": MAX_BODY_BYTES, "requestsPerMinute": home.requests_per_minute},
    }
    more.capabilities.extensions[0].params.CopyFrom(as_value(params).struct_value)
    return more


def _with_schemas(entry: dict[str, Any], skills: Skills) -> Entry:
    # protobuf keeps maps in no order, and the same card is to be the same bytes everywhere
    entry["securitySchemes"] = dict(sorted(entry["securitySchemes"].items()))
    entry["capabilities"]["extensions"][0]["params"] = {"skills": _schemas(skills)}
    return entry


def _schemas(skills: Skills) -> dict[str, Entry]:
    return {
        skill.id: {"inputSchema": input_schema(skill.input), "outputSchema": _output_schema(skill.output)}
        for skill in skills.values()
    }


@cache
def _output_schema(kind: type[Answer]) -> Schema:
    return answer_schema(kind, stamp=Age)
