"""What a skill is: one thing that agents may ask, with typed input and output."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import ValidationError

from a2a_gateway.answer import Answer, CannotAnswer, Input, Message, Question
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.world import World
from a2a_gateway.writes.report import Report, WrittenAnswer
from devnexus.events.event import describe

I = TypeVar("I", bound=Input)  # noqa: E741 - of what is given in
Q = TypeVar("Q", bound=Question)
M = TypeVar("M", bound=Message)


@dataclass(frozen=True, kw_only=True)
class Skill(Generic[I]):
    """One skill. Agent card, routes, OpenAPI, documentation and command line are derived from this.

    A module in `skills/` holds one of the four kinds below as `SKILL`.
    """

    id: str
    name: str
    description: str
    tags: tuple[str, ...]
    input: type[I]
    output: type[Answer]
    example: I
    """Also a test: the example is answered."""
    is_for_writers: bool = False
    """Whether only those may call it who may write: for what it changes, or for what it costs."""

    def example_given(self) -> dict[str, object]:
        """The example as a caller writes it."""
        return self.example.model_dump(mode="json", exclude_defaults=True)

    def read(self, given: object) -> I:
        """Untyped input as this skill takes it; raise CannotAnswer naming the field that is wrong."""
        if not isinstance(given, dict | None):
            raise CannotAnswer("input: Input should be an object")
        try:
            return self.input.model_validate(given or {})
        except ValidationError as error:
            raise CannotAnswer(describe(error, whole="input")) from error


@dataclass(frozen=True, kw_only=True)
class ReadingSkill(Skill[Q]):
    """Answers from the knowledge alone, within milliseconds."""

    run: Callable[[Q, Reading], Answer]
    is_quick: Callable[[Q, Reading], bool] = lambda asked, knowledge: False
    """Whether this question takes about a millisecond at most, all from memory. It is then answered right in
    the event loop, since going to a thread and back takes as long as that; a slower one would hold up all."""


@dataclass(frozen=True, kw_only=True)
class LookingSkill(Skill[I]):
    """Looks up what is at hand besides the knowledge, within milliseconds."""

    run: Callable[[I, Reading, World], Answer]


@dataclass(frozen=True, kw_only=True)
class AskingSkill(Skill[I]):
    """Asks others too, which takes seconds or minutes: it runs as a task, in a thread of its own."""

    run: Callable[[I, Reading, World], Answer]


@dataclass(frozen=True, kw_only=True)
class WritingSkill(Skill[M]):
    """Says what is to be recorded, and does nothing itself: events are sent by whoever performs it."""

    run: Callable[[M, Reading], Report[WrittenAnswer]]
    is_for_writers: bool = True
