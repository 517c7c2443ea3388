"""An agent that speaks A2A, asked through the protocol's official client."""

import asyncio
import ssl
import uuid
from collections.abc import Mapping
from functools import cached_property

import httpx
from a2a.client import A2ACardResolver, ClientConfig, ClientFactory
from a2a.client.errors import AgentCardResolutionError
from a2a.types.a2a_pb2 import AgentCard, Message, Part, Role, SendMessageRequest
from a2a.utils.errors import A2AError
from google.protobuf.json_format import ParseError

from a2a_gateway.protocol.selection import EXTENSION
from a2a_gateway.protocol.values import as_value
from devnexus.errors import ConfigurationError
from devnexus.printable import printable
from devnexus_cli.calling.a2a_card import preferred, skills_of
from devnexus_cli.calling.a2a_credentials import SaysWho
from devnexus_cli.calling.a2a_refusal import refused
from devnexus_cli.calling.a2a_task import Following
from devnexus_cli.calling.described import Described, Known
from devnexus_cli.calling.gateway import NotReached, Reply, is_address, is_here
from devnexus_cli.calling.options import SAY_WHO

_ODD = (ParseError, RecursionError, TypeError, ValueError)
"""What the client raises of answers that it does not expect."""

_TIMEOUT = httpx.Timeout(90.0, connect=10.0)
"""A stream says every few seconds that it is still there."""


class Agent:
    """Whatever speaks A2A at one address."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        """`headers` say who asks. Raises ConfigurationError where `url` is no address."""
        if not is_address(url):
            raise ConfigurationError(f"{url!r} is not an address such as https://nexus.example.com")
        self._url = url.rstrip("/")
        self._headers = dict(headers)

    def skills(self) -> Mapping[str, Known]:
        """Its skills, by its card."""
        return skills_of(self._card)

    def call(self, skill: Described, given: Mapping[str, object]) -> Reply:
        """What it answers, however long that takes; what is being done meanwhile is said on stderr.

        Ctrl-C cancels the task, or says why and under which id it goes on.
        """
        return asyncio.run(self._call(preferred(self._card), skill, given))

    async def _call(self, card: AgentCard, skill: Described, given: Mapping[str, object]) -> Reply:
        request = _request(skill.id, given)
        async with self._http() as http:
            config = ClientConfig(
                httpx_client=http,
                polling=not card.capabilities.streaming,
                supported_protocol_bindings=[card.supported_interfaces[0].protocol_binding],
            )
            client = ClientFactory(config).create(card, [SaysWho(self._url, self._headers)])
            following = Following(client, again=_again(skill, given, request))
            try:
                return await following.answer(request)
            except asyncio.CancelledError:
                await following.give_up()
                raise
            except A2AError as error:
                return refused(error, self._url)
            except _ODD as error:
                raise NotReached(f"what {self._url} answers is no A2A") from error

    @cached_property
    def _card(self) -> AgentCard:
        try:
            return asyncio.run(self._read_card())
        except AgentCardResolutionError as error:
            if error.status_code == 401:
                raise NotReached(f"{self._url} shows its card only to callers it knows. {SAY_WHO}") from error
            why = f"it answers {error.status_code}" if error.status_code else _at_bottom(error)
            raise self._has_no_card(why) from error
        except _ODD as error:
            raise self._has_no_card("what answers there is none") from error

    def _has_no_card(self, why: str) -> NotReached:
        return NotReached(
            f"no agent card can be read at {self._url} ({why}). --a2a takes what stands before"
            " /.well-known/agent-card.json in the card's address"
        )

    async def _read_card(self) -> AgentCard:
        who = {"headers": self._headers}
        async with self._http() as http:
            return await A2ACardResolver(http, self._url).get_agent_card(http_kwargs=who)

    def _http(self) -> httpx.AsyncClient:
        """A client that follows no redirects, and asks this machine itself without any proxy."""
        trusted = ssl.create_default_context()
        return httpx.AsyncClient(timeout=_TIMEOUT, verify=trusted, trust_env=not is_here(self._url))


def _request(skill_id: str, given: Mapping[str, object]) -> SendMessageRequest:
    message = Message(
        message_id=uuid.uuid4().hex,
        role=Role.ROLE_USER,
        parts=[Part(data=as_value(given), media_type="application/json")],
        extensions=[EXTENSION],
        metadata={EXTENSION: {"skillId": skill_id}, "skillId": skill_id},
    )
    return SendMessageRequest(message=message)


def _again(skill: Described, given: Mapping[str, object], request: SendMessageRequest) -> str:
    """How to send the call again without doing twice what it may have done."""
    if "idempotency_key" not in skill.input_schema.properties:
        return ""
    key = given.get("idempotency_key") or f"a2a:{request.message.message_id}"
    return f"it may be recorded; send it again with idempotency_key={key}, and it will be once"


def _at_bottom(error: BaseException) -> str:
    while error.__cause__:
        error = error.__cause__
    return printable(str(error) or type(error).__name__)
