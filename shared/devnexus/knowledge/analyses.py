"""Which analysis of a push counts, when there are several, and large ones put together again."""

from collections import defaultdict
from collections.abc import Iterable

from devnexus.events import PatternsExtracted, Record
from devnexus.events.patterns_extracted import ClaudeReceipt
from devnexus.knowledge.history import line_digest, record_line
from devnexus.values import canonical_json

_READ_BY_CLAUDE = {"not-read": 0, "partly": 1, "read": 2}


def effective(records: Iterable[Record]) -> list[Record]:
    """What counts of `records`: the `analyses`, and every record of another kind."""
    known = list(records)
    return [*analyses(known), *(one for one in known if not isinstance(one, PatternsExtracted))]


def analyses(records: Iterable[Record]) -> list[PatternsExtracted]:
    """One whole record per push or snapshot among `records`: the best of its complete analyses.

    Better is: files were read at all, nothing clipped, more of it by Claude too, newer rules, a newer brief,
    then the smaller SHA-256 of the canonical record. An analysis whose parts have not all arrived does not
    count yet.
    """
    by_analysis: dict[tuple[str, str, int], list[PatternsExtracted]] = defaultdict(list)
    for record in records:
        if isinstance(record, PatternsExtracted):
            by_analysis[record.record_id, record.analysis, record.parts].append(record)
    best: dict[str, PatternsExtracted] = {}
    for (record_id, _, _), parts in by_analysis.items():
        whole = _join(parts)
        if whole and (record_id not in best or _rank(whole) > _rank(best[record_id])):
            best[record_id] = whole
    return list(best.values())


def split(record: PatternsExtracted, *, max_bytes: int) -> list[PatternsExtracted]:
    """`record` as numbered parts, none of which is larger than about `max_bytes` where files allow it."""
    room = max_bytes - len(record_line(record.model_copy(update={"files": ()})))
    groups: list[list[int]] = [[]]
    used = 0
    for index, file in enumerate(record.files):
        size = len(canonical_json(file.model_dump(mode="json", exclude_defaults=True))) + 1
        if groups[-1] and used + size > room:
            groups.append([])
            used = 0
        groups[-1].append(index)
        used += size
    return [
        record.model_copy(
            update={
                "files": tuple(record.files[index] for index in group),
                "part": number,
                "parts": len(groups),
            }
        )
        for number, group in enumerate(groups, start=1)
    ]


def _join(parts: list[PatternsExtracted]) -> PatternsExtracted | None:
    by_number = {record.part: record for record in parts}
    if len(by_number) < parts[0].parts:
        return None
    first = by_number[1]
    files = tuple(file for number in sorted(by_number) for file in by_number[number].files)
    return first if first.parts == 1 else first.model_copy(update={"files": files, "parts": 1})


def _rank(record: PatternsExtracted) -> tuple[bool, bool, tuple[int, int], int, int, int]:
    claude = record.receipt.claude
    smaller_is_better = -int.from_bytes(line_digest(record))
    return (
        record.coverage != "commits",
        not record.receipt.clipped,
        _read_by(claude),
        record.receipt.rules_version,
        claude.prompt if claude else 0,
        smaller_is_better,
    )


def _read_by(claude: ClaudeReceipt | None) -> tuple[int, int]:
    """How much of it Claude read; of readings in part, the one that tells of more files is more."""
    if claude is None:
        return 0, 0
    is_part = claude.outcome == "partly"
    return _READ_BY_CLAUDE[claude.outcome], claude.files + claude.known if is_part else 0
