"""Several standing patterns that are the same, as one."""

from collections import Counter
from collections.abc import Sequence

from devnexus.knowledge.projection import SHOWN_ROWS, StandingPattern


def merged(patterns: Sequence[StandingPattern]) -> StandingPattern:
    """The surest of `patterns` with the evidence of all, the strongest rows first.

    It is as sure as that one and no surer: the same lines may speak for several.
    """
    surest = max(patterns, key=lambda pattern: pattern.confidence)
    if len(patterns) == 1:
        return surest
    rows = list(dict.fromkeys(row for pattern in patterns for row in pattern.evidence))
    rows.sort(key=lambda row: (-row.weight, row.path, row.start, row.kind))
    further: Counter[str] = Counter(row.path for row in rows[SHOWN_ROWS:])
    for pattern in patterns:
        further.update(pattern.further_evidence)
    is_agreed = len({pattern.source for pattern in patterns}) > 1
    return surest.model_copy(
        update={
            "source": "both" if is_agreed else surest.source,
            "first_seen": min((pattern.first_seen for pattern in patterns), key=lambda seen: seen.at),
            "last_seen": max((pattern.last_seen for pattern in patterns), key=lambda seen: seen.at),
            "evidence": tuple(rows[:SHOWN_ROWS]),
            "further_evidence": dict(sorted(further.items())),
        }
    )
