"""`get_write_status`: whether what a call reported has reached the knowledge base."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from a2a_gateway.answer import Answer, CannotAnswer, Input
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.skill import LookingSkill
from a2a_gateway.world import World
from a2a_gateway.writes.write_status import WriteStatus
from devnexus.errors import Unavailable
from devnexus.timestamps import Timestamp

_LONG = timedelta(minutes=10)

_NOT_SENT = (
    "It may not have been sent, as the answer to the call said. Send the same call again with the same"
    " idempotency_key: it will be recorded once"
)
_TAKES_LONG = (
    "It should have been committed long ago. Whoever runs this service finds it among what could not be"
    " handled (`devnexus dead-letters list`), or the writer is not running (`devnexus status`)"
)


class GetWriteStatus(Input):
    """Which write to look for."""

    event_id: Annotated[str, Field(min_length=1, max_length=2000)]
    """The `event_id` of the answer to the call that wrote."""


class WriteStatusAnswer(Answer):
    """What became of the write."""

    event_id: str
    status: Literal["committed", "pending"]
    committed: bool
    revision: str | None
    """A revision of the knowledge base that holds it; null: none does yet."""
    skill: str
    repository: str
    """As it was called when the call was made."""
    accepted_at: Timestamp
    """When the call was made first."""
    message: str = ""
    """Where something has to be done."""


def get_write_status(asked: GetWriteStatus, knowledge: Reading, world: World) -> WriteStatusAnswer:
    """Look for it at the head of the knowledge base."""
    try:
        found = world.writes.status(asked.event_id, world.caller)
    except Unavailable as error:
        problem = "It cannot be found out at the moment. Try again in a few seconds."
        raise CannotAnswer(problem, status=HTTPStatus.SERVICE_UNAVAILABLE) from error
    if found is None:
        raise CannotAnswer(
            f"Unknown write: {asked.event_id}. Known are your own of the last 30 days",
            status=HTTPStatus.NOT_FOUND,
        )
    return WriteStatusAnswer(
        event_id=found.event_id,
        status="committed" if found.revision else "pending",
        committed=found.revision is not None,
        revision=found.revision,
        skill=found.skill,
        repository=found.repository,
        accepted_at=found.accepted_at,
        message=_what_to_do(found, world),
    )


def _what_to_do(found: WriteStatus, world: World) -> str:
    if found.revision:
        return ""
    if not found.is_sent:
        return _NOT_SENT
    return _TAKES_LONG if world.now - found.accepted_at > _LONG else ""


SKILL = LookingSkill(
    id="get_write_status",
    name="Get Write Status",
    description="Tell whether what one of your calls reported is committed to the knowledge base,"
    " and in which revision.",
    tags=("writes", "status"),
    input=GetWriteStatus,
    output=WriteStatusAnswer,
    run=get_write_status,
    example=GetWriteStatus(event_id="ana@example.com:add_lesson_learned:pool-timeouts"),
    is_for_writers=True,
)
