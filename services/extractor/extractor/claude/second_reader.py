"""The second reader: what Claude says of a push or a snapshot, as far as the code bears it out.

Nothing is asked that is known: the same lines elsewhere in the repository, a blob that was read whole (a
revert, a move, a snapshot after pushes), a file in which only the layout changed. What is left is packed
into a few calls. Whatever comes of them, the rules' reading stands.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from devnexus.repository import Repository
from extractor.claude.asker import Asker
from extractor.claude.brief import RepositoryContext, reader_id
from extractor.claude.calls import Calls
from extractor.claude.matter import Matter, SecondReading
from extractor.claude.meaning import Meaning
from extractor.claude.questions import Questions
from extractor.claude.second_reading import second_reading


@dataclass(frozen=True)
class Models:
    """Who is asked."""

    live: str
    """About what was just pushed."""
    bulk: str
    """About snapshots and the past."""


class SecondReader:
    """Reads what the rules have read, once more."""

    def __init__(
        self,
        *,
        calls: Calls,
        models: Models,
        meaning: Callable[[], Meaning],
        context: Callable[[Repository], RepositoryContext],
        clock: Callable[[], datetime],
    ) -> None:
        """`meaning` and `context` tell what holds now."""
        self._calls = calls
        self._models = models
        self._meaning = meaning
        self._context = context
        self._clock = clock

    def model(self, *, is_bulk: bool) -> str:
        """Who is asked."""
        return self._models.bulk if is_bulk else self._models.live

    def read(self, matter: Matter, asker: Asker, *, is_bulk: bool) -> SecondReading:
        """What both readers see; `asker` is put the open questions.

        Raises Unavailable where the operational store does not answer, or another process asks the same.
        """
        model, other = self.model(is_bulk=is_bulk), self.model(is_bulk=not is_bulk)
        meaning = self._meaning()
        questions = Questions(
            matter,
            calls=self._calls,
            readers=tuple(dict.fromkeys((reader_id(model), reader_id(other)))),
            model=model,
            meaning=meaning,
            context=self._context,
        )
        answers = questions.put(asker)
        self._calls.remember(
            matter.event.repository.id, reader_id(model), questions.learned(answers), now=self._clock()
        )
        return second_reading(
            matter,
            answers,
            meaning=meaning,
            model=model,
            spent=self._calls.spent(matter.event.id),
            own=self._calls.asked(matter.event.id),
        )
