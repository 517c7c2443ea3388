"""How this service presents itself in the protocol: a card made of the skills there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from a2a.types.a2a_pb2 import (
    AgentCapabilities,
    AgentCard,
    AgentExtension,
    AgentInterface,
    AgentSkill,
    APIKeySecurityScheme,
    OpenIdConnectSecurityScheme,
    SecurityRequirement,
    SecurityScheme,
    StringList,
)

from a2a_gateway.call import encoded
from a2a_gateway.described.card import DESCRIPTION, VERSION, Home
from a2a_gateway.protocol.addresses import V03, V1
from a2a_gateway.protocol.selection import EXTENSION
from a2a_gateway.registry import Skills
from a2a_gateway.skill import Skill

_NAME = "Pattern Discovery Agent"
_BINDINGS = ("JSONRPC", "HTTP+JSON")
_MEDIA_TYPES = ("application/json", "text/plain")
_ABOUT_EXTENSION = (
    "A message names the skill as `skillId` in its metadata under this URI, with the input as a data part."
    " Nobody has to: a call as in the examples of a skill, as a data part or as text, does as well. The"
    " params hold the JSON Schemas of what each skill takes and answers."
)
_GOOGLE, _KEY = "google", "apiKey"
_SCOPES: Mapping[str, list[str]] = {_GOOGLE: ["openid", "email"], _KEY: []}
_OPENID = "https://accounts.google.com/.well-known/openid-configuration"
_ABOUT_GOOGLE = (
    "A Google ID token as `Authorization: Bearer <token>`. Its audience is {url}, unless whoever runs this"
    " service says otherwise; its account is one that they named."
)
_ABOUT_KEY = "A key that whoever runs this service gave to one caller."


@dataclass(frozen=True)
class Declared:
    """What the card says can be done besides calls; only tests say less."""

    streaming: bool = True
    push: bool = True
    extended: bool = True


def protocol_card(skills: Skills, home: Home, url: str, declared: Declared) -> AgentCard:
    """The card of version 1.0 of the service at `url`, without the schemas, which take a while to make."""
    return _card(skills, home, url, declared, _interfaces(f"{url}{V1}", "1.0"))


def old_card(skills: Skills, home: Home, url: str, declared: Declared) -> AgentCard:
    """The same for clients of version 0.3: it has their interfaces, and no others."""
    return _card(skills, home, url, declared, _interfaces(f"{url}{V03}", "0.3.0"))


def requirements(home: Home) -> list[SecurityRequirement]:
    """The ways to prove who one is, of which one is enough."""
    return [SecurityRequirement(schemes={name: StringList(list=_SCOPES[name])}) for name in _ways_in(home)]


def _interfaces(url: str, version: str) -> list[AgentInterface]:
    return [
        AgentInterface(url=url, protocol_binding=binding, protocol_version=version) for binding in _BINDINGS
    ]


def _card(
    skills: Skills, home: Home, url: str, declared: Declared, interfaces: list[AgentInterface]
) -> AgentCard:
    return AgentCard(
        name=_NAME,
        description=DESCRIPTION,
        version=VERSION,
        documentation_url=f"{url}/openapi.json",
        supported_interfaces=interfaces,
        capabilities=AgentCapabilities(
            streaming=declared.streaming,
            push_notifications=declared.push,
            extended_agent_card=declared.extended,
            extensions=[AgentExtension(uri=EXTENSION, description=_ABOUT_EXTENSION)],
        ),
        security_schemes={name: _scheme(name, url) for name in _ways_in(home)},
        security_requirements=[] if home.is_open else requirements(home),
        default_input_modes=_MEDIA_TYPES,
        default_output_modes=_MEDIA_TYPES,
        skills=[_skill(skill, home) for skill in skills.values()],
    )


def _skill(skill: Skill[Any], home: Home) -> AgentSkill:
    example = {"skill": skill.id, "input": skill.example_given()}
    return AgentSkill(
        id=skill.id,
        name=skill.name,
        description=skill.description,
        tags=skill.tags,
        examples=[encoded(example).decode()],
        security_requirements=requirements(home) if skill.is_for_writers else [],
    )


def _ways_in(home: Home) -> list[str]:
    return [_GOOGLE, _KEY] if home.takes_tokens else [_KEY]


def _scheme(name: str, url: str) -> SecurityScheme:
    if name == _GOOGLE:
        about = _ABOUT_GOOGLE.format(url=url)
        openid = OpenIdConnectSecurityScheme(description=about, open_id_connect_url=_OPENID)
        return SecurityScheme(open_id_connect_security_scheme=openid)
    key = APIKeySecurityScheme(description=_ABOUT_KEY, location="header", name="X-API-Key")
    return SecurityScheme(api_key_security_scheme=key)
