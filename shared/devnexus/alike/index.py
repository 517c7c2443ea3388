"""Finds the repositories that share most with one: exact IDF-weighted Jaccard over their bags of terms."""

import math
from collections.abc import Collection, Iterable, Set

import numpy as np
import numpy.typing as npt

from devnexus.alike.bag import Term
from devnexus.alike.having import Having, Sums
from devnexus.repository import RepositoryId

MOST_ALIKE = 5

WORTH_NAMING = 0.04
"""Who shares less of the weight has no more to do with each other than any two repositories, as people
label them (benchmarks/similarity_quality.py); that hardly depends on how many repositories there are."""

_DIGITS = 6
_SURELY_LESS = 2 * 10.0**-_DIGITS
"""Scores that are so far apart are not equal when they are rounded."""

_UNIT = 2**20
"""Weights are reckoned in whole millionths, about: sums of integers are the same in whatever order they are
made, so that what an update changes comes to exactly what reckoning everything anew does."""


class Index:
    """The bags of repositories, with the weight of each term: ln(1 + repositories / those that have it).

    What it answers depends on the bags that are in it, not on how they came there. A change to one
    repository costs what the changed terms cost; one more or fewer changes every weight, which the next
    question pays for. Not for several threads at once.
    """

    def __init__(self) -> None:
        self._rows: dict[RepositoryId, int] = {}
        self._names: list[RepositoryId] = []
        self._bags: list[tuple[Having, ...]] = []
        self._free: list[int] = []
        self._having: dict[Term, Having] = {}
        self._totals: Sums = np.zeros(0, np.int64)
        """The weight of each row's bag."""
        self._patterns: Sums = np.zeros(0, np.int32)
        """How many patterns each row has."""
        self._is_stale = False
        """Whether the number of repositories changed since the weights were reckoned."""

    @property
    def repositories(self) -> Set[RepositoryId]:
        """Those that are in it."""
        return self._rows.keys()

    def put(self, repository: RepositoryId, bag: Iterable[Term]) -> None:
        """From now on the repository has this bag, whether or not it was known before."""
        row = self._rows.get(repository)
        self._change(self._new_row(repository) if row is None else row, bag)

    def remove(self, repository: RepositoryId) -> None:
        """Forget a repository that is in it."""
        row = self._rows.pop(repository)
        self._is_stale = True
        self._change(row, ())
        self._free.append(row)

    def weight(self, term: Term) -> float:
        """How much sharing `term` says; 0 for one that nobody has."""
        return self._weigh([term]) / _UNIT

    def shared(self, one: Set[Term], other: Set[Term]) -> list[Term]:
        """The terms of both bags, the weightiest first."""
        return sorted(one & other, key=lambda term: (-self._weigh([term]), term))

    def score(self, one: Set[Term], other: Set[Term]) -> float:
        """Weight of the shared terms over weight of all terms of both bags: 0 to 1."""
        union = self._weigh(one | other)
        return round(self._weigh(one & other) / union, _DIGITS) if union else 0.0

    def most_alike(
        self, bag: Iterable[Term], *, but: Set[RepositoryId], most: int = MOST_ALIKE
    ) -> list[RepositoryId]:
        """The up to `most` repositories, none of `but`, with the highest score of at least 0.04, best first.

        Words alone make nobody alike: a pattern or a package has to be shared as well.
        """
        having = self._known(bag)
        total = sum(one.weight for one in having)
        shared = self._zeros(total)
        for one in having:
            if one.term.kind != "keyword":
                one.add_to(shared, one.weight)
        may_be = shared > 0
        for one in having:
            if one.term.kind == "keyword":
                one.add_to(shared, one.weight)
        may_be[[self._rows[id_] for id_ in but if id_ in self._rows]] = False
        may_be &= shared >= (WORTH_NAMING - _SURELY_LESS) * total  # what both have together is at least that
        rows = np.flatnonzero(may_be)
        in_common = shared[rows].astype(np.int64)
        return self._best(rows, in_common / (self._totals[rows] + total - in_common), most)

    def sharing(self, terms: Iterable[Term], *, at_least: float) -> set[RepositoryId]:
        """The repositories that have so many of these terms."""
        having = self._known(terms)
        counts = self._zeros(len(having))
        for one in having:
            one.add_to(counts, 1)
        return {self._names[row] for row in np.flatnonzero(counts >= at_least).tolist()}

    def of_one_kind(self, patterns: Set[str], *, at_least: int) -> set[RepositoryId]:
        """The repositories that have so many of these patterns, and half of these as well as of their own."""
        having = self._known(Term("pattern", pattern) for pattern in patterns)
        counts = self._zeros(len(having))
        for one in having:
            one.add_to(counts, 1)
        enough = np.maximum(self._patterns[: len(counts)] / 2, max(at_least, len(patterns) / 2))
        return {self._names[row] for row in np.flatnonzero(counts >= enough).tolist()}

    def _best(self, rows: Sums, scores: npt.NDArray[np.float64], most: int) -> list[RepositoryId]:
        if len(rows) > most:
            near = scores >= np.partition(scores, -most)[-most] - _SURELY_LESS
            rows, scores = rows[near], scores[near]
        ranked = sorted(
            (-round(score, _DIGITS), self._names[row])
            for row, score in zip(rows.tolist(), scores.tolist(), strict=True)
        )
        return [name for negative, name in ranked[:most] if -negative >= WORTH_NAMING]

    def _known(self, terms: Iterable[Term]) -> Collection[Having]:
        self._refresh()
        return [having for term in terms if (having := self._having.get(term))]

    def _weigh(self, terms: Iterable[Term]) -> int:
        return sum(having.weight for having in self._known(terms))

    def _zeros(self, largest: int) -> Sums:
        """A sum for each row, in the narrowest numbers that hold the largest: they are added faster."""
        return np.zeros(len(self._names), np.int32 if largest < 2**31 else np.int64)

    def _new_row(self, repository: RepositoryId) -> int:
        self._is_stale = True
        if self._free:
            row = self._free.pop()
            self._names[row] = repository
        else:
            row = len(self._names)
            self._names.append(repository)
            self._bags.append(())
        if row >= len(self._totals):
            self._totals = np.concatenate([self._totals, np.zeros(row // 4 + 64, np.int64)])
        if row >= len(self._patterns):
            self._patterns = np.concatenate([self._patterns, np.zeros(row // 4 + 64, np.int32)])
        self._rows[repository] = row
        return row

    def _change(self, row: int, bag: Iterable[Term]) -> None:
        before = set(self._bags[row])
        now = {self._having.get(term) or self._new(term) for term in bag}
        for having in before - now:
            having.remove(row)
            self._recount(having)
        for having in now - before:
            having.add(row)
            self._recount(having)
        self._bags[row] = tuple(now)
        self._totals[row] = sum(having.weight for having in now)
        self._patterns[row] = sum(having.term.kind == "pattern" for having in now)

    def _new(self, term: Term) -> Having:
        having = self._having[term] = Having(term)
        return having

    def _recount(self, having: Having) -> None:
        """Let weight and totals follow a term that one repository more or fewer has."""
        if not having.count:
            del self._having[having.term]
        elif not self._is_stale:
            weight = _weight(len(self._rows), having.count)
            having.add_to(self._totals, weight - having.weight)
            having.weight = weight
            having.settle(len(self._rows), len(self._names))

    def _refresh(self) -> None:
        """Reckon all weights and totals, after the number of repositories changed."""
        if not self._is_stale:
            return
        for having in self._having.values():
            having.weight = _weight(len(self._rows), having.count)
            having.settle(len(self._rows), len(self._names))
        totals = (sum(having.weight for having in bag) for bag in self._bags)
        self._totals = np.fromiter(totals, np.int64, len(self._bags))
        self._is_stale = False


def _weight(repositories: int, having: int) -> int:
    return round(math.log(1 + repositories / having) * _UNIT)
