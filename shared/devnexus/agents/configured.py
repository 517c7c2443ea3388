"""Which agents there are: their addresses and secrets come from the environment, all of them optional."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from devnexus.agents import log_attacker, orchestrator, pattern_miner
from devnexus.agents.identity import TokenFor, token_source
from devnexus.agents.log_attacker import LogAttacker
from devnexus.agents.orchestrator import Orchestrator
from devnexus.agents.pattern_miner import PatternMiner
from devnexus.agents.peer import Agent, Headers, Peer
from devnexus.errors import ConfigurationError
from devnexus.outbound import Outbound, WebAddress, web_address
from devnexus.secrets import read_secret
from devnexus.settings import read_settings, setting, yes_or_no

SECRETS: Mapping[str, str] = {
    orchestrator.API_KEY: "secret: the key that the dependency-orchestrator knows us by; not set: none",
    log_attacker.TOKEN: (
        "secret: a Google ID token that the log-attacker accepts; not set: on Cloud Run that of the"
        " service's own account, elsewhere none"
    ),
}
"""Variable → what it is for."""

_KEY = re.compile(r"[!-~]{1,1024}")


@dataclass(frozen=True)
class AgentSettings:
    """Where the agents are that we work with."""

    orchestrator: str | None = setting(
        orchestrator.URL, about="base address of the dependency-orchestrator", default=None
    )
    log_attacker: str | None = setting(
        log_attacker.URL, about="base address of the log-attacker", default=None
    )
    pattern_miner: str | None = setting(
        pattern_miner.URL, about="base address of the pattern-miner", default=None
    )
    allow_private_targets: bool = setting(
        "ALLOW_PRIVATE_TARGETS",
        about="`true`: they may be at addresses that are not public, and be asked by plain http",
        default=False,
        parse=yes_or_no,
    )


@dataclass(frozen=True)
class Agents:
    """Those of the agents that are configured."""

    orchestrator: Orchestrator | None = None
    log_attacker: LogAttacker | None = None
    pattern_miner: PatternMiner | None = None

    def all(self) -> tuple[Agent, ...]:
        """Every one that there is."""
        return tuple(one for one in (self.orchestrator, self.log_attacker, self.pattern_miner) if one)


def open_agents(environment: Mapping[str, str]) -> Agents:
    """The agents that `environment` names; none is connected to yet.

    Raises ConfigurationError naming the variable whose address or secret cannot be used.
    """
    settings = read_settings(AgentSettings, environment)
    return Agents(
        orchestrator=_orchestrator(settings, environment),
        log_attacker=_log_attacker(settings, environment),
        pattern_miner=_pattern_miner(settings),
    )


def _orchestrator(settings: AgentSettings, environment: Mapping[str, str]) -> Orchestrator | None:
    if settings.orchestrator is None:
        return None
    peer = _peer(
        settings,
        orchestrator.NAME,
        (orchestrator.URL, settings.orchestrator),
        headers=_with_key(environment),
        unknown_here=f"Set {orchestrator.API_KEY} to the key that it knows us by",
    )
    return Orchestrator(peer)


def _log_attacker(settings: AgentSettings, environment: Mapping[str, str]) -> LogAttacker | None:
    if settings.log_attacker is None:
        return None
    token = token_source(log_attacker.TOKEN, environment)
    peer = _peer(
        settings,
        log_attacker.NAME,
        (log_attacker.URL, settings.log_attacker),
        headers=_with_token(token, settings.log_attacker.rstrip("/")),
        unknown_here="Its ALLOWED_SERVICE_ACCOUNTS must name the account that this runs as;"
        f" outside Cloud Run {log_attacker.TOKEN} must hold a token of such an account",
    )
    return LogAttacker(peer)


def _pattern_miner(settings: AgentSettings) -> PatternMiner | None:
    if settings.pattern_miner is None:
        return None
    peer = _peer(
        settings,
        pattern_miner.NAME,
        (pattern_miner.URL, settings.pattern_miner),
        headers=lambda: {},
        unknown_here="It asks who we are, which it never did: see how it is deployed",
    )
    return PatternMiner(peer)


def _peer(
    settings: AgentSettings, name: str, place: tuple[str, str], *, headers: Headers, unknown_here: str
) -> Peer:
    """`place`: the variable and what stands in it."""
    variable, url = place
    return Peer(
        name=name,
        variable=variable,
        base=_base(url, variable, settings),
        outbound=Outbound(allow_private=settings.allow_private_targets),
        headers=headers,
        unknown_here=unknown_here,
    )


def _base(url: str, variable: str, settings: AgentSettings) -> WebAddress:
    try:
        address = web_address(url, allow_private=settings.allow_private_targets)
    except ValueError as error:
        raise ConfigurationError(f"{variable}: {error}") from error
    if "?" in address.path:
        raise ConfigurationError(f"{variable}: write the address alone, without a query")
    return address


def _with_key(environment: Mapping[str, str]) -> Headers:
    secret = read_secret(orchestrator.API_KEY, environment)
    if secret is None:
        return lambda: {}
    key = secret.value.decode("utf-8", "replace")
    if not _KEY.fullmatch(key):
        raise ConfigurationError(f"{orchestrator.API_KEY} holds characters that no header can carry")
    return lambda: {"X-API-Key": key}


def _with_token(token_for: TokenFor, audience: str) -> Headers:
    def headers() -> Mapping[str, str]:
        token = token_for(audience)
        return {"Authorization": f"Bearer {token}"} if token else {}

    return headers
