"""Every text that the summary of a run shows to people."""

import json
import math
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from devnexus.git import run_git
from devnexus.knowledge.analyses import effective
from devnexus.knowledge.confidence import strength
from devnexus.knowledge.history import Record, stored_records
from devnexus.knowledge.layout import history_folder, projection_path
from devnexus.knowledge.projection import Projection, StandingPattern, read_projection
from devnexus.knowledge.store import Store
from devnexus.repository import RepositoryId
from devnexus_cli.local_repository import LocalRepository
from devnexus_cli.replay import Replay
from devnexus_cli.stack import Stack

_PATTERNS_SHOWN = 12
_PLACES_SHOWN = 3
_COMMITS_SHOWN = 5
_NOT_READ_SHOWN = 2


def summary(run: Replay, stack: Stack) -> str:
    """What the run came to: the count, then each repository, then the knowledge base."""
    store = stack.knowledge()
    try:
        parts = [_headline(run, stack)]
        parts += [_repository(store, repository) for repository in run.repositories]
        parts.append(_knowledge_base(stack.knowledge_path))
    finally:
        store.close()
    return "\n\n".join(parts)


def next_steps(run: Replay, stack: Stack) -> str:
    """What to try now, while the services run or after they have ended."""
    name = run.repositories[0].name
    return "\n".join(
        [
            "Try next",
            "  your own code:     REPOS=~/code/a,~/code/b make run",
            f"  what is known:     git -C {stack.knowledge_path} show main:{projection_path(name)}",
            f"  how it came about: git -C {stack.knowledge_path} log --stat",
            f"  gaps and counts:   .venv/bin/devnexus status --knowledge {stack.knowledge_path}",
        ]
    )


def _headline(run: Replay, stack: Stack) -> str:
    before = f", {run.known_before} known from an earlier run" if run.known_before else ""
    lines = [
        f"{run.pushes} pushes → {len(run.landed)} records in {run.seconds:.1f} s   "
        f"({len(run.lost)} lost, {_duplicates(stack)} duplicates ignored{before})"
    ]
    lines += [f"  lost: {record_id}" for record_id in sorted(run.lost)]
    return "\n".join(lines)


def _duplicates(stack: Stack) -> int:
    """Messages that the writer had already, by its own log."""
    count = 0
    for line in stack.log("kb-writer").read_text(errors="replace").splitlines():
        try:
            count += int(json.loads(line).get("duplicates", 0))
        except (ValueError, AttributeError):
            continue
    return count


def _repository(store: Store, repository: LocalRepository) -> str:
    head = store.head()
    path = projection_path(repository.name)
    page = store.read([path], at=head).get(path)
    if page is None:
        return f"{repository.name}\n  nothing is known yet"
    projection = read_projection(page)
    lines = [f"{projection.repository_name}   {_what_it_is(projection)}"]
    patterns = sorted(projection.standing_patterns.values(), key=lambda p: (-p.confidence, p.name))
    shown = patterns[:_PATTERNS_SHOWN]
    width = max((len(pattern.name) for pattern in shown), default=0)
    lines += [_pattern(pattern, width) for pattern in shown]
    if len(patterns) > _PATTERNS_SHOWN:
        lines.append(f"  and {len(patterns) - _PATTERNS_SHOWN} more patterns")
    if not patterns:
        lines.append("  no pattern has enough evidence")
    lines += [
        f"  gap: pushes between {gap.after[:7]} and {gap.before[:7]} were missed" for gap in projection.gaps
    ]
    lines.append(f"  not looked at: {_not_looked_at(store, projection.repository_id, head)}")
    return "\n".join(lines)


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


def _not_looked_at(store: Store, repository: RepositoryId, head: str) -> str:
    records = effective(stored_records(store, history_folder(repository), at=head))
    return "; ".join(_left_out(records)) or "nothing, every file was read"


def _left_out(records: Sequence[Record]) -> list[str]:
    """Per reason, how many files no record read, and the first of them."""
    named: dict[str, set[str]] = defaultdict(set)
    most: dict[str, int] = defaultdict(int)
    for record in records:
        for group in (*record.receipt.not_read, *record.receipt.clipped):
            named[group.reason].update(group.paths)
            most[group.reason] = max(most[group.reason], group.count)  # a receipt names only some
    lines = []
    for reason, paths in sorted(named.items()):
        shown = sorted(paths)[:_NOT_READ_SHOWN]
        count = max(most[reason], len(paths))
        lines.append(f"{count} × {reason} ({', '.join(shown)}{', …' if count > len(shown) else ''})")
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
