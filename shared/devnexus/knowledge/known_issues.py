"""What went wrong in production, in all repositories, and which patterns that was about."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from devnexus.knowledge.projection import Projection
from devnexus.schema_v2 import RuntimeIssue

FIELDS = ("issue_type", "service_type", "severity", "status")
"""What issues are looked for by, besides their pattern."""

_OPEN = frozenset({"open", "investigating"})

_Codes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Trouble:
    """An issue, and the repository that had it."""

    repository: Projection
    issue: RuntimeIssue


class KnownIssues:
    """Every issue on these pages, the newest first; looked through once, then only looked up."""

    def __init__(self, pages: Iterable[Projection], meant: Callable[[str], Set[str]]) -> None:
        """`meant` gives the ids of the patterns that the reference of an issue means."""
        found = [Trouble(page, issue) for page in pages for issue in page.runtime_issues]
        found.sort(key=_newest_last, reverse=True)
        self.all: Sequence[Trouble] = found
        self._meant = meant

    @cached_property
    def by_pattern(self) -> Mapping[str, Sequence[int]]:
        """Id of a pattern, or a name that means none → the positions in `all` of the issues that name it."""
        ids: dict[str, Set[str]] = {}
        positions: dict[str, list[int]] = defaultdict(list)
        for position, trouble in enumerate(self.all):
            if word := trouble.issue.pattern_reference:
                if word not in ids:
                    ids[word] = self.named(word)
                for id_ in ids[word]:
                    positions[id_].append(position)
        return dict(positions)

    def named(self, word: str) -> Set[str]:
        """What of `by_pattern` a word means."""
        return self._meant(word) or {word.strip().lower()}

    def with_pattern(self, id_: str) -> Iterator[Trouble]:
        """The issues that name a pattern, the newest first."""
        return (self.all[position] for position in self.by_pattern.get(id_, ()))

    @cached_property
    def _by_id(self) -> Mapping[str, Sequence[int]]:
        positions: dict[str, list[int]] = defaultdict(list)
        for position, trouble in enumerate(self.all):
            positions[trouble.issue.issue_id].append(position)
        return dict(positions)

    def with_id(self, issue_id: str) -> Sequence[Trouble]:
        """The issues of this id, at most one of each repository."""
        return [self.all[position] for position in self._by_id.get(issue_id, ())]

    def matching(self, wanted: Mapping[str, str], patterns: Set[str] | None = None) -> Sequence[Trouble]:
        """The issues of which all of `wanted` is true, field by field, and that name one of `patterns`."""
        fits = np.ones(len(self.all), dtype=bool)
        for name, value in wanted.items():
            codes, known = self._columns[name]
            fits &= codes == known.get(value, -1)
        if patterns is not None:
            named = np.zeros(len(self.all), dtype=bool)
            for id_ in patterns:
                named[list(self.by_pattern.get(id_, ()))] = True
            fits &= named
        return [self.all[position] for position in np.flatnonzero(fits).tolist()]

    @cached_property
    def _columns(self) -> Mapping[str, tuple[_Codes, Mapping[str, int]]]:
        return {name: self._column(name) for name in FIELDS}

    def _column(self, name: str) -> tuple[_Codes, Mapping[str, int]]:
        """What each issue says in a field, as a number, and the number of each text."""
        known: dict[str, int] = {}
        codes = [known.setdefault(getattr(one.issue, name), len(known)) for one in self.all]
        return np.array(codes, dtype=np.int32), known


def open_issues(page: Projection) -> Sequence[Trouble]:
    """What nobody has closed yet in a repository, the newest first."""
    found = [Trouble(page, issue) for issue in page.runtime_issues if issue.status in _OPEN]
    return sorted(found, key=_newest_last, reverse=True)


def _newest_last(trouble: Trouble) -> tuple[object, ...]:
    issue = trouble.issue
    return issue.detected_at, issue.issue_id, trouble.repository.repository_id
