"""What can be wrong with a knowledge base, as findings: where, what, and what to do about it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from devnexus.events import RECORD_TYPES, Record
from devnexus.knowledge.commit_message import is_ours
from devnexus.knowledge.history import read_records, record_line
from devnexus.knowledge.layout import HISTORY, METADATA_PATH, history_path, is_generated
from devnexus.knowledge.store import Damaged, Store
from devnexus.repository import RepositoryId
from devnexus.schema_v2 import SCHEMA_VERSION
from devnexus.values import canonical_json, load_json

_DAY_FILE = re.compile(r"history/(?P<repository>.+)/\d{4}-\d{2}-\d{2}\.jsonl")
_GIT_HISTORY = "get the file back from the revision before it was changed (git log -- PATH)"
_PATHS_SHOWN = 3


@dataclass(frozen=True)
class Finding:
    """Something that is not as it must be."""

    place: str
    """Path, and line where there is one."""
    problem: str
    remedy: str


@dataclass(frozen=True)
class CheckedHistory:
    """One history file."""

    repository: RepositoryId | None
    """None where the file stands where no history does."""
    records: tuple[Record, ...]
    """Those that can be read."""
    findings: tuple[Finding, ...]
    is_damaged: bool = False
    """Whether something in it cannot be read, so that it is not known what it amounts to."""


def check_history(path: str, content: bytes) -> CheckedHistory:
    """Whether every line is a record, in its canonical bytes, in its place and order."""
    matched = _DAY_FILE.fullmatch(path)
    if matched is None:
        stray = Finding(path, "is no day of a repository's history", "remove it by a commit")
        return CheckedHistory(None, (), (stray,))
    findings: list[Finding] = []
    records: list[Record] = []
    damaged = False
    last: Record | None = None
    if content and not content.endswith(b"\n"):
        findings.append(Finding(path, "does not end with a line end: it may be cut short", _GIT_HISTORY))
    for number, line in enumerate(content.removesuffix(b"\n").split(b"\n"), start=1):
        place = f"{path}:{number}"
        try:
            (record,) = read_records(line, path=place)
        except ValueError:
            findings.append(Finding(place, "is empty", _GIT_HISTORY))
            continue
        except Damaged as error:
            damaged = True
            findings.append(Finding(place, str(error).removeprefix(f"{place}:1: "), _GIT_HISTORY))
            continue
        findings += [Finding(place, problem, _GIT_HISTORY) for problem in _odd(record, line, path, last)]
        records.append(record)
        last = record
    return CheckedHistory(matched["repository"], tuple(records), tuple(findings), damaged)


def _odd(record: Record, line: bytes, path: str, last: Record | None) -> Iterator[str]:
    belongs = history_path(record.repository.id, record.at)
    if path != belongs:
        yield f"record {record.id} belongs into {belongs}"
    if not _is_canonical(record, line):
        yield f"record {record.id} is not in canonical form"
    if last and (record.at, record.id) == (last.at, last.id):
        yield f"record {record.id} stands twice"
    elif last and (record.at, record.id) < (last.at, last.id):
        yield f"record {record.id} must stand before {last.id}"


def _is_canonical(record: Record, line: bytes) -> bool:
    if line == record_line(record):
        return True
    stored = load_json(line)
    if canonical_json(stored) != line:
        return False
    try:
        RECORD_TYPES[record.TYPE].model_validate(stored["data"])
    except ValidationError:
        return True  # a later version has said more in it than we know
    return bool(stored.keys() - {"type", "data"})


def check_twice(checked: Mapping[str, CheckedHistory]) -> Iterator[Finding]:
    """Records that stand in more than one file."""
    seen: dict[tuple[str, str], str] = {}
    for path, history in checked.items():
        for key in sorted({(record.repository.id, record.id) for record in history.records}):
            if key in seen:
                yield Finding(path, f"record {key[1]} stands in {seen[key]} too", _GIT_HISTORY)
            seen[key] = path


def check_metadata(content: bytes) -> Iterator[Finding]:
    """Whether metadata.json says the version that it always says."""
    try:
        metadata = load_json(content)
    except ValueError as error:
        yield Finding(METADATA_PATH, f"is no JSON: {error}", _GIT_HISTORY)
        return
    version = metadata.get("schema_version") if isinstance(metadata, dict) else None
    if version != SCHEMA_VERSION:
        remedy = f'set "schema_version": "{SCHEMA_VERSION}" by a commit'
        yield Finding(METADATA_PATH, f"has the schema_version {version!r}", remedy)


def foreign_edits(store: Store, *, at: str) -> Iterator[Finding]:
    """Commits, newest first, that touched generated files and are not dev-nexus's."""
    for revision in store.log(at):
        if revision.parent is None or is_ours(revision.message):
            continue
        edited = [path for path in store.changed(revision.parent, revision.id) if is_generated(path)]
        if taken := _records_taken(store, edited, revision.parent, revision.id):
            yield Finding(
                f"commit {revision.id[:12]}",
                f"somebody took {taken} {'record' if taken == 1 else 'records'} out of history",
                "that is how to take something back; if it was an accident: git revert this commit. "
                "To make a repository forgotten for good: devnexus kb forget",
            )
        elif edited:
            more = f" and {len(edited) - _PATHS_SHOWN} more" if len(edited) > _PATHS_SHOWN else ""
            yield Finding(
                f"commit {revision.id[:12]}",
                f"somebody edited {', '.join(edited[:_PATHS_SHOWN])}{more}",
                "look at it: git show; corrections belong into corrections/<owner>/<name>.yaml",
            )


def _records_taken(store: Store, edited: list[str], old: str, new: str) -> int:
    """How many lines of history `old` has and `new` has not, in any of its files."""
    paths = [path for path in edited if path.startswith(HISTORY)]
    before, after = store.read(paths, at=old), store.read(paths, at=new)
    kept = {line for content in after.values() for line in content.split(b"\n")}
    return sum(bool(line) and line not in kept for one in before.values() for line in one.split(b"\n"))
