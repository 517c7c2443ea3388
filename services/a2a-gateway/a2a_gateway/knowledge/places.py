"""Where a pattern shows: the lines to look at first."""

from collections import Counter

from devnexus.knowledge.projection import Evidence, StandingPattern

SHOWN = 3


def in_order_of_interest(pattern: StandingPattern) -> list[Evidence]:
    """The rows of a pattern, each line once.

    Code says more than the manifest or path that goes with it, and another file more than another line.
    """
    lines: dict[tuple[str, int], tuple[int, int, Evidence]] = {}
    met: Counter[str] = Counter()
    for row in pattern.evidence:
        if (row.path, row.start) not in lines:
            lines[row.path, row.start] = (row.remoteness, met[row.path], row)
            met[row.path] += 1
    return [row for *_, row in sorted(lines.values(), key=lambda found: found[:2])]
