"""How sure the evidence makes us: noisy-OR over kinds of evidence, each boosted by distinct files."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from devnexus.events.patterns_extracted import EvidenceRow, Kind

LIKELY = 0.5
"""From here on a pattern is worth showing."""

STRONG = 0.75
"""From here on a pattern is worth acting on."""

CLAUDE_ALONE = 0.6
"""As sure as claims of Claude that the code bears out make us, in however many files, without any rule."""

_FURTHER_FILE = 0.88
"""What remains of the doubt with each further file that shows the same kind of evidence."""

_FILES_THAT_COUNT = 5


def confidence(rows: Iterable[tuple[str, EvidenceRow]], need: Collection[Kind]) -> float:
    """The probability, to three decimals, that these (path, row) pairs show their pattern.

    Per kind the strongest weight w counts, boosted by its n distinct files (at most 5) to
    1 - (1 - w) * 0.88 ** (n - 1); kinds are independent witnesses (noisy-OR). 0 where none of
    the kinds in `need` is there.
    """
    strongest: dict[Kind, float] = defaultdict(float)
    files: dict[Kind, set[str]] = defaultdict(set)
    for path, row in rows:
        strongest[row.kind] = max(strongest[row.kind], row.weight)
        files[row.kind].add(path)
    if need and not strongest.keys() & set(need):
        return 0.0
    doubt = 1.0
    for kind in sorted(strongest):
        further = min(len(files[kind]), _FILES_THAT_COUNT) - 1
        doubt *= (1 - strongest[kind]) * _FURTHER_FILE**further
    return round(1 - doubt, 3)


def claimed_too(by_rules: float) -> float:
    """The same probability where Claude says so as well: one more witness, however often it does."""
    return round(1 - (1 - by_rules) * (1 - CLAUDE_ALONE), 3)


def strength(value: float) -> str:
    """The word for a confidence: `strong`, `likely` or `weak`."""
    return "strong" if value >= STRONG else "likely" if value >= LIKELY else "weak"
