"""The protocol as the application serves it: its routes, and what begins and ends with the process."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.routing import BaseRoute

from a2a_gateway.described.card import Home
from a2a_gateway.perform import Performer
from a2a_gateway.protocol.card import Declared, protocol_card
from a2a_gateway.protocol.card_routes import card_routes
from a2a_gateway.protocol.executor import SkillExecutor
from a2a_gateway.protocol.extended_cards import ExtendedCards
from a2a_gateway.protocol.handler import GuardedHandler
from a2a_gateway.protocol.places import stream_places, working_places
from a2a_gateway.protocol.push import PushSender, url_is_allowed
from a2a_gateway.protocol.receivers import Receivers
from a2a_gateway.protocol.routes import protocol_routes
from a2a_gateway.protocol.stopping import Stopping
from a2a_gateway.protocol.stores import Stores

_PARKED_SECONDS = 5.0
"""For a task that waits for input to be let go of; what follows finds it where it is kept."""

Step = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Protocol:
    """What the application serves of it."""

    routes: Sequence[BaseRoute]
    begin: Step
    """Before the first request."""
    hurry: Callable[[], None]
    """At SIGTERM, before what calls wait for ends."""
    end: Step
    """After the last."""


def speak(
    performer: Performer,
    home: Home,
    stores: Stores,
    *,
    sender: PushSender | None = None,
    declared: Declared = Declared(),  # noqa: B008 - frozen
    executor: type[SkillExecutor] = SkillExecutor,
    may_be_told: Callable[[str], Awaitable[bool]] = url_is_allowed,
) -> Protocol:
    """The protocol over the skills of `performer`.

    `executor` performs them, and `may_be_told` says which addresses may be sent notifications; both for
    tests, as is whatever is not `declared`.
    """
    working, stopping = working_places(), Stopping()
    card = protocol_card(performer.skills, home, home.public_url or "", declared)
    handler = GuardedHandler(
        skills=performer.skills,
        streams=stream_places(),
        working=working,
        stopping=stopping,
        executor=executor(performer, working=working, stopping=stopping),
        agent_card=card,
        extended_agent_card=card,
        extended_card_modifier=ExtendedCards(performer.skills, home, declared),
        task_store=stores.tasks,
        event_stream=stores.event_stream,
        push_config_store=stores.push_configs,
        push_sender=sender,
        receivers=Receivers(stores.push_configs, are_told=declared.push, may_be_told=may_be_told),
        push_url_validator=may_be_told,
        validate_input_modes=True,
        interrupted_task_timeout=_PARKED_SECONDS,
    )

    async def end() -> None:
        await handler.aclose()
        if sender:
            await sender.close()
        await stores.close()

    routes = [*card_routes(performer.skills, home, declared), *protocol_routes(handler)]
    return Protocol(routes, stores.begin, stopping.begin, end)
