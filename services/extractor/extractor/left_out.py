"""The account of files that were left out: every one is counted under its reason, the first are named."""

from collections.abc import Iterable, Mapping, Sequence

from devnexus.events.patterns_extracted import NotRead

PATHS_NAMED = 20


def left_out(reason: str, paths: Iterable[str]) -> NotRead:
    """All of `paths` under one reason."""
    ordered = sorted(paths)
    return NotRead(reason=reason, count=len(ordered), paths=tuple(ordered[:PATHS_NAMED]))


def left_out_by_reason(paths: Mapping[str, Sequence[str]]) -> tuple[NotRead, ...]:
    """The account of `paths` (reason → paths), in order of reason."""
    return tuple(left_out(reason, paths[reason]) for reason in sorted(paths))
