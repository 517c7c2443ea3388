"""From a push to knowledge, by the use cases of the services, one after the other in this process."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from devnexus.errors import Unavailable
from devnexus.events import (
    Event,
    KnowledgeCommitted,
    PatternsExtracted,
    SimilarityComputed,
    SnapshotRequested,
)
from devnexus.events.knowledge_committed import ChangedRepository
from devnexus.knowledge.history import stored_records
from devnexus.knowledge.layout import history_folder
from devnexus.knowledge.store import Store
from devnexus.knowledge.view import Views
from devnexus.people.organisation import Organisation
from devnexus_cli.analyze.which_push import Asked
from devnexus_cli.in_process import InProcess
from extractor.claude.second_opinion import SecondOpinion
from extractor.reading import Reader
from kb_writer.group_commit import Outcome, Writer
from similarity.compute import on_knowledge_committed
from similarity.indexes import Indexes

_TRIES = 5
_LONGEST_WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class Landed:
    """Where the records of a push are in a store."""

    before: str
    """The revision that held none of them that are new."""
    revision: str
    """The revision that holds all of them."""
    is_new: bool
    """Whether any of them was not known already."""


def extract(
    asked: Asked,
    organisation: Organisation,
    *,
    with_tree: bool,
    second: Callable[[Reader], SecondOpinion | None] = lambda _: None,
) -> list[PatternsExtracted]:
    """What the push shows, in the parts that are stored, and its whole tree where it needs one.

    Empty where people do not want the repository analysed. `with_tree` reads the tree in any case, `second`
    gives who reads besides the rules.
    """
    clones = {asked.push.repository.name: asked.clone}
    with InProcess(clones, organisation=organisation, second=second) as extractor:
        told = extractor.published(asked.push)
        if with_tree and told and not any(isinstance(event, SnapshotRequested) for event in told):
            told.append(_first_sight(asked))
        records: list[PatternsExtracted] = []
        for event in told:
            if isinstance(event, PatternsExtracted):
                records.append(event)
            elif isinstance(event, SnapshotRequested):
                records += extractor.extracted(event)
        return records


def was_read_whole(store: Store, asked: Asked) -> bool:
    """Whether the base holds a reading of the repository's whole tree."""
    records = stored_records(store, history_folder(asked.push.repository.id), at=store.head())
    return any(isinstance(record, PatternsExtracted) and record.coverage == "tree" for record in records)


def keep(store: Store, records: Sequence[PatternsExtracted]) -> Landed:
    """Commit `records`; whoever commits at the same time loses nothing, and nobody does so twice.

    Raises Unavailable where the store still is after some tries; what has landed by then may stay.
    """
    writer = Writer(store)
    waiting: Sequence[PatternsExtracted] = records
    revisions: list[str] = []
    while True:
        outcome = _patiently(writer, waiting)
        revisions += [outcome.revision] if outcome.revision else []
        waiting = [record for record in outcome.left if isinstance(record, PatternsExtracted)]
        if not waiting:
            break
        time.sleep(store.pause_seconds())
    before = next(store.log(revisions[0])).parent if revisions else None
    return Landed(before=before or outcome.head, revision=outcome.head, is_new=bool(revisions))


def _patiently(writer: Writer, records: Sequence[PatternsExtracted]) -> Outcome:
    """Nobody sends the push again, as Pub/Sub would: so we try again ourselves."""
    for attempt in range(1, _TRIES):
        try:
            return writer.group_commit(records)
        except Unavailable as error:
            time.sleep(min(error.retry_after_seconds or 2.0**attempt, _LONGEST_WAIT_SECONDS))
    return writer.group_commit(records)


@dataclass(frozen=True)
class Compared:
    """What is known of the repository, now that the push is."""

    computed: SimilarityComputed | None
    """What it is like, and what is new about it; None where people hide it."""
    standing: Mapping[str, str]
    """Id of each of its patterns → who sees it: `rules`, `claude` or `both`."""


def compare(store: Store, asked: Asked, landed: Landed) -> Compared:
    """What the repository is like now, and what of that is new."""
    push, collected, indexes = asked.push, _Collected(), Indexes(Views(store))
    changed = ChangedRepository(
        repository=push.repository.id, kinds=("push",), causes=(push.cause,), record_ids=(push.id,)
    )
    committed = KnowledgeCommitted(
        cause=push.cause, revision=landed.revision, parent=landed.before, changed=(changed,)
    )
    on_knowledge_committed(committed, indexes=indexes, publisher=collected)
    page = indexes.view(landed.revision).repositories.get(push.repository.id)
    return Compared(
        next((event for event in collected.events if isinstance(event, SimilarityComputed)), None),
        {id_: one.source for id_, one in page.standing_patterns.items()} if page else {},
    )


def _first_sight(asked: Asked) -> SnapshotRequested:
    """The request that the extractor makes itself where a branch is new."""
    push = asked.push
    return SnapshotRequested(
        cause="snapshot",
        hops=push.hops,
        repository=push.repository,
        sha=push.after,
        as_of=push.pushed_at,
        asked_by=push.id,
    )


class _Collected:
    """A Publisher that keeps what it is given."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def publish(self, events: Iterable[Event], *, topic: str | None = None) -> None:
        self.events.extend(events)
