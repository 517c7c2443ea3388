"""Claude with all that it needs, for whoever composes an extractor: the service, and the command line."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from devnexus.repository import Repository
from devnexus.secrets import Secret
from devnexus.state import create_tables, open_state
from extractor.claude.answer import parse
from extractor.claude.asker import Asker
from extractor.claude.asking import LiveAsker
from extractor.claude.brief import RepositoryContext
from extractor.claude.calls import Limits
from extractor.claude.meaning import Meaning
from extractor.claude.prices import cost_usd
from extractor.claude.reanalysis import Toll
from extractor.claude.request import Model
from extractor.claude.second_opinion import ClaudesOpinion
from extractor.claude.second_reader import Models, SecondReader
from extractor.claude.sql_calls import SqlCalls
from extractor.claude.sql_tables import CLAUDE_TABLES
from extractor.claude.sql_waiting import SqlWaiting

BATCH_TOLL = Toll(
    parse=parse,
    cost=lambda model, usage: cost_usd(model, usage, in_batch=True),
)
"""What the answers of batches are, and cost."""


@dataclass(frozen=True)
class OpenedClaude:
    """The parts that belong together."""

    opinion: ClaudesOpinion
    reader: SecondReader
    calls: SqlCalls
    waiting: SqlWaiting


def opened(
    database_url: Secret,
    model: Model,
    *,
    models: Models,
    meaning: Callable[[], Meaning],
    context: Callable[[Repository], RepositoryContext],
    clock: Callable[[], datetime],
) -> OpenedClaude:
    """Claude as `model` on the operational store at `database_url`, in which its tables are made.

    Raises ConfigurationError where the database cannot be used.
    """
    engine = open_state(database_url.value.decode())
    create_tables(engine, CLAUDE_TABLES)
    calls, waiting = SqlCalls(engine), SqlWaiting(engine)
    reader = SecondReader(calls=calls, models=models, meaning=meaning, context=context, clock=clock)

    def live(limits: Limits) -> Asker:
        return LiveAsker(model=model, calls=calls, limits=limits, clock=clock)

    opinion = ClaudesOpinion(reader, live=live, waiting=waiting, clock=clock)
    return OpenedClaude(opinion, reader, calls, waiting)
