"""Every text that the summary of a run shows to people."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from devnexus.alike import sentences
from devnexus.alike.index import Index
from devnexus.alike.missing import missing_patterns
from devnexus.alike.reasons import alike, named
from devnexus.events import PatternsExtracted
from devnexus.events.similarity_computed import Alike
from devnexus.git import run_git
from devnexus.knowledge.analyses import analyses
from devnexus.knowledge.confidence import strength
from devnexus.knowledge.history import stored_records
from devnexus.knowledge.layout import history_folder
from devnexus.knowledge.projection import Projection, StandingPattern
from devnexus.knowledge.store import Store
from devnexus.knowledge.view import View, Views
from devnexus.printable import printable
from devnexus.repository import RepositoryId
from devnexus_cli.replay import Replay
from devnexus_cli.stack import Stack

_PATTERNS_SHOWN = 12
_PLACES_SHOWN = 3
_COMMITS_SHOWN = 5
_ALIKE_SHOWN = 2
_PATHS_SHOWN = 2


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
    index = Index(view)
    parts = [_headline(run, stack, known.values())]
    for repository in run.script.repositories:
        if repository.id in known:
            parts.append(_repository(known[repository.id], view, index))
        else:
            parts.append(f"{repository.name}\n  nothing is known yet")
    return "\n\n".join([*parts, _knowledge_base(stack.knowledge_path)])


def next_steps(run: Replay, stack: Stack) -> str:
    """What to try now, while the services run or after they have ended."""
    name = run.script.repositories[0].name
    return "\n".join(
        [
            "Try next",
            "  your own code:     REPOS=~/code/a,~/code/b make run",
            f"  what is known:     .venv/bin/devnexus kb show {name} --knowledge {stack.knowledge_path}",
            f"  how it came about: .venv/bin/devnexus kb log {name} --knowledge {stack.knowledge_path}",
            f"  who was told:      {stack.log('notifier')}",
            f"  gaps and counts:   .venv/bin/devnexus status --knowledge {stack.knowledge_path}",
        ]
    )


@dataclass(frozen=True)
class _Known:
    """What the base knows of one repository."""

    projection: Projection
    records: Sequence[PatternsExtracted]

    def secrets(self) -> dict[tuple[str, str | None], int]:
        """Kind and path → how many secrets were taken out there: the most that one reading found."""
        found: dict[tuple[str, str | None], int] = defaultdict(int)
        for record in self.records:
            for redaction in record.receipt.redacted:
                key = (redaction.kind, redaction.path)
                found[key] = max(found[key], redaction.count)
        return found


def _records(store: Store, repository: RepositoryId, head: str) -> list[PatternsExtracted]:
    return analyses(stored_records(store, history_folder(repository), at=head))


def _headline(run: Replay, stack: Stack, known: Iterable[_Known]) -> str:
    pushes, records = len(run.script.pushes), len(run.landed)
    snapshots = sum("@" in record_id.partition(":")[0] for record_id in run.landed)
    secrets = sum(sum(one.secrets().values()) for one in known)
    facts = [f"{len(run.lost)} lost", f"{_count(stack.duplicates(), 'duplicate')} ignored"]
    facts.append(f"{_count(secrets, 'likely secret')} redacted")
    if run.unread:
        facts.append(f"{_count(run.unread, 'push', 'pushes')} not read, as people asked")
    if run.known_before:
        facts.append(f"{run.known_before} known from an earlier run")
    came = f"{records} records, {_count(snapshots, 'snapshot')} among them, in {run.seconds:.1f} s"
    lines = [f"{_count(pushes, 'push', 'pushes')} → {came}   ({', '.join(facts)})"]
    lines += [f"  lost: {record_id}" for record_id in sorted(run.lost)]
    return "\n".join(lines)


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _repository(known: _Known, view: View, index: Index) -> str:
    projection = known.projection
    lines = [f"{projection.repository_name}   {_what_it_is(projection)}"]
    patterns = sorted(projection.standing_patterns.values(), key=lambda p: (-p.confidence, p.name))
    shown = patterns[:_PATTERNS_SHOWN]
    width = max((len(pattern.name) for pattern in shown), default=0)
    lines += [_pattern(pattern, width) for pattern in shown]
    if len(patterns) > _PATTERNS_SHOWN:
        lines.append(f"  and {len(patterns) - _PATTERNS_SHOWN} more patterns")
    if not patterns:
        lines.append("  no pattern has enough evidence")
    found = alike(view, index, projection.repository_id)
    lines += [f"  ! {remark}" for remark in _remarks(projection, view, found)]
    if found:
        names = [f"{one.repository.name} ({one.score:.2f}: {sentences.reasons(one)})" for one in found]
        lines.append(f"  like {'; '.join(names[:_ALIKE_SHOWN])}")
    lines += [
        f"  gap: pushes between {gap.after[:7]} and {gap.before[:7]} were missed" for gap in projection.gaps
    ]
    if secrets := known.secrets():
        lines.append(f"  redacted: {'; '.join(_redacted(secrets))}")
    nothing = "nothing, every file was read"
    if all(record.coverage == "commits" for record in known.records):
        nothing = "any file yet, only the commits are known"
    lines.append(f"  not looked at: {'; '.join(_left_out(known.records)) or nothing}")
    return "\n".join(printable(line) for line in lines)


def _redacted(secrets: Mapping[tuple[str, str | None], int]) -> Iterator[str]:
    """Per kind, how many stood where."""
    for kind in sorted({kind for kind, _ in secrets}):
        paths = sorted(path or "what was said of a commit" for found, path in secrets if found == kind)
        count = sum(number for (found, _), number in secrets.items() if found == kind)
        yield f"{count} × {kind} ({_some(paths, len(paths))})"


def _some(paths: Sequence[str], count: int) -> str:
    shown = paths[:_PATHS_SHOWN]
    return f"{', '.join(shown)}{', …' if count > len(shown) else ''}"


def _remarks(projection: Projection, view: View, found: Sequence[Alike]) -> Iterator[str]:
    here = named(projection)
    for other in found:
        for component in other.components:
            yield sentences.copy(here, other.repository, component)
    for lacking in missing_patterns(projection, view.repositories.values()):
        yield sentences.missing(here, lacking)


def _what_it_is(projection: Projection) -> str:
    files = sum(projection.languages.values())
    written_in = f"{projection.primary_language}, {files} files of code" if files else "no code that we know"
    said = projection.description
    return f"{said.rstrip('.')} · {written_in}" if said else written_in


def _pattern(pattern: StandingPattern, width: int) -> str:
    first_in_file = {row.path: row.start for row in reversed(pattern.evidence)}
    files = list(dict.fromkeys(row.path for row in pattern.evidence))[:_PLACES_SHOWN]
    places = ", ".join(f"{path}:{first_in_file[path]}" for path in files)
    more = len(pattern.evidence) + sum(pattern.further_evidence.values()) - len(files)
    also = f" and {more:,} more" if more else ""
    sure = math.floor(pattern.confidence * 100) / 100  # never "1.00": evidence is not proof
    return f"  {pattern.name:<{width}}  {strength(pattern.confidence):<6} {sure:.2f}  {places}{also}"


def _left_out(records: Sequence[PatternsExtracted]) -> list[str]:
    """Per reason, how many files no record read, and the first of them."""
    named: dict[str, set[str]] = defaultdict(set)
    most: dict[str, int] = defaultdict(int)
    for record in records:
        for group in (*record.receipt.not_read, *record.receipt.clipped):
            named[group.reason].update(group.paths)
            most[group.reason] = max(most[group.reason], group.count)  # a receipt names only some
    lines = []
    for reason, paths in sorted(named.items()):
        count = max(most[reason], len(paths))
        lines.append(f"{count} × {reason} ({_some(sorted(paths), count)})")
    return lines


def _knowledge_base(path: Path) -> str:
    log = (
        run_git(path, "log", f"--max-count={_COMMITS_SHOWN}", "--format=%h %s", "main").decode().splitlines()
    )
    count = run_git(path, "rev-list", "--count", "main").decode().strip()
    return "\n".join(
        [
            f"Knowledge base {path}, {count} commits (reader: rules, no Claude key)",
            *(f"  {line}" for line in log),
        ]
    )
