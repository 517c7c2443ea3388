"""Every text that the summary of a run shows to people."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from devnexus.alike import sentences
from devnexus.alike.exceptions import exceptions_in
from devnexus.alike.following import index_of
from devnexus.alike.index import Index
from devnexus.alike.reasons import alike, named
from devnexus.events import PatternsExtracted
from devnexus.events.similarity_computed import Alike
from devnexus.git import run_git
from devnexus.knowledge.analyses import analyses
from devnexus.knowledge.history import stored_records
from devnexus.knowledge.layout import history_folder
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.store import Store
from devnexus.knowledge.view import View, Views
from devnexus.printable import printable
from devnexus.repository import RepositoryId
from devnexus_cli.figures import count
from devnexus_cli.local_issuer import YOU
from devnexus_cli.readers_text import readers_of
from devnexus_cli.replay import Replay
from devnexus_cli.repository_text import (
    left_out,
    pattern_line,
    redacted,
    secrets_of,
    strongest_first,
    what_it_is,
)
from devnexus_cli.stack import Stack

_PATTERNS_SHOWN = 12
_COMMITS_SHOWN = 5
_ALIKE_SHOWN = 2


def summary(run: Replay, stack: Stack) -> str:
    """What the run came to: the count, then each repository, then the knowledge base."""
    store = stack.knowledge()
    try:
        view = Views(store).head()
        known = {
            repository.id: _Known(projection, _records(store, repository.id, view.revision))
            for repository in run.script.repositories
            if (projection := view.repositories.get(repository.id))
        }
    finally:
        store.close()
    index = index_of(view)
    parts = [_headline(run, stack, known.values())]
    for repository in run.script.repositories:
        if repository.id in known:
            parts.append(_repository(known[repository.id], view, index))
        else:
            parts.append(f"{repository.name}\n  nothing is known yet")
    readers = readers_of(record for one in known.values() for record in one.records)
    return "\n\n".join([*parts, _knowledge_base(stack.knowledge_path, readers)])


def next_steps(run: Replay, stack: Stack) -> str:
    """What to try now, while the services run or after they have ended."""
    name = run.script.repositories[0].name
    return "\n".join(
        [
            "Try next",
            "  your own code:     REPOS=~/code/a,~/code/b make run",
            f"  what is known:     .venv/bin/devnexus kb show {name} --knowledge {stack.knowledge_path}",
            f"  how it came about: .venv/bin/devnexus kb log {name} --knowledge {stack.knowledge_path}",
            f"  who was told:      .venv/bin/devnexus notifications log --home {stack.home}",
            f"  gaps and counts:   .venv/bin/devnexus status --knowledge {stack.knowledge_path}",
            f"  ask as an agent:   .venv/bin/devnexus call get_repository_list --home {stack.home}",
            f"  a token to write:  .venv/bin/devnexus token {YOU} --home {stack.home}",
        ]
    )


@dataclass(frozen=True)
class _Known:
    """What the base knows of one repository."""

    projection: Projection
    records: Sequence[PatternsExtracted]

    def secrets(self) -> dict[tuple[str, str | None], int]:
        """Kind and path → how many secrets were taken out there."""
        return secrets_of(self.records)


def _records(store: Store, repository: RepositoryId, head: str) -> list[PatternsExtracted]:
    return analyses(stored_records(store, history_folder(repository), at=head))


def _headline(run: Replay, stack: Stack, known: Iterable[_Known]) -> str:
    pushes, records = len(run.script.pushes), len(run.landed)
    snapshots = sum("@" in record_id.partition(":")[0] for record_id in run.landed)
    secrets = sum(sum(one.secrets().values()) for one in known)
    facts = [f"{len(run.lost)} lost", f"{count(stack.duplicates(), 'duplicate')} ignored"]
    facts.append(f"{count(secrets, 'likely secret')} redacted")
    if run.unread:
        facts.append(f"{count(run.unread, 'push', 'pushes')} not read, as people asked")
    if run.known_before:
        facts.append(f"{run.known_before} known from an earlier run")
    came = f"{records} records, {count(snapshots, 'snapshot')} among them, in {run.seconds:.1f} s"
    lines = [f"{count(pushes, 'push', 'pushes')} → {came}   ({', '.join(facts)})"]
    lines += [f"  lost: {record_id}" for record_id in sorted(run.lost)]
    return "\n".join(lines)


def _repository(known: _Known, view: View, index: Index) -> str:
    projection = known.projection
    lines = [f"{projection.repository_name}   {what_it_is(projection)}"]
    patterns = strongest_first(projection)
    shown = patterns[:_PATTERNS_SHOWN]
    width = max((len(pattern.name) for pattern in shown), default=0)
    lines += [pattern_line(pattern, width) for pattern in shown]
    if len(patterns) > _PATTERNS_SHOWN:
        lines.append(f"  and {len(patterns) - _PATTERNS_SHOWN} more patterns")
    if not patterns:
        lines.append("  no pattern has enough evidence")
    found = alike(view, index, projection.repository_id)
    lines += [f"  ! {remark}" for remark in _remarks(projection, view, index, found)]
    if found:
        names = [f"{one.repository.name} ({one.score:.2f}: {sentences.reasons(one)})" for one in found]
        lines.append(f"  like {'; '.join(names[:_ALIKE_SHOWN])}")
    lines += [
        f"  gap: pushes between {gap.after[:7]} and {gap.before[:7]} were missed" for gap in projection.gaps
    ]
    if secrets := known.secrets():
        lines.append(f"  redacted: {'; '.join(redacted(secrets))}")
    nothing = "nothing, every file was read"
    if all(record.coverage == "commits" for record in known.records):
        nothing = "any file yet, only the commits are known"
    lines.append(f"  not looked at: {'; '.join(left_out(known.records)) or nothing}")
    return "\n".join(printable(line) for line in lines)


def _remarks(projection: Projection, view: View, index: Index, found: Sequence[Alike]) -> Iterator[str]:
    here = named(projection)
    for other in found:
        for component in other.components:
            yield sentences.copy(here, other.repository, component)
    exceptions = exceptions_in(view, index, projection)
    for lacking in exceptions.missing:
        yield sentences.missing(here, lacking)
    for variant in exceptions.variants:
        yield sentences.variant(here, variant)


def _knowledge_base(path: Path, readers: str) -> str:
    log = (
        run_git(path, "log", f"--max-count={_COMMITS_SHOWN}", "--format=%h %s", "main").decode().splitlines()
    )
    count = run_git(path, "rev-list", "--count", "main").decode().strip()
    return "\n".join(
        [
            f"Knowledge base {path}, {count} commits (read by {printable(readers)})",
            *(f"  {line}" for line in log),
        ]
    )
