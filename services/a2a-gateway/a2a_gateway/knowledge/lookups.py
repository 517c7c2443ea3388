"""What questions look up in the pages: made for one state of them from what was made for the last."""

import math
from bisect import insort
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple, overload

import numpy as np
import numpy.typing as npt

from a2a_gateway.knowledge import page_words
from a2a_gateway.knowledge.inverted import Inverted
from devnexus.knowledge.differing import Pages, differences
from devnexus.knowledge.projection import Projection
from devnexus.people.tokens import tokens
from devnexus.repository import RepositoryId

_SATURATION = 1.2
_LENGTH_MATTERS = 0.75

Rows = npt.NDArray[np.intp]
"""Positions in the list of all repositories by name."""

Numbers = npt.NDArray[np.float64]

Changes = Sequence[tuple[Projection | None, Projection | None]]


@dataclass(frozen=True)
class Found:
    """A repository that fits a question."""

    page: Projection
    count: int
    """How many of the words it has."""
    score: float


class _Column(NamedTuple):
    """Who has one word, and how much the place says where they have it."""

    rows: Rows
    weights: Numbers


class Lookups:
    """All of one state of the pages; it does not change."""

    def __init__(self) -> None:
        """Of no pages."""
        self.pages: Sequence[Projection] = ()
        """Those of today, by name."""
        self.having: Mapping[str, Sequence[Projection]] = {}
        """Pattern id → the repositories it stands in, by name."""
        self.pattern_names: Mapping[str, Set[str]] = {}
        """Pattern id → what it is called in repositories."""
        self._keywords = Inverted(page_words.keywords)
        self._words = Inverted(page_words.words)
        self._columns: dict[tuple[str, str], _Column] = {}

    def after(self, pages: Pages) -> "Lookups":
        """The same of these pages; it costs what differs."""
        new = Lookups()
        changes = list(differences(self._keywords.pages, pages))
        new._keywords, new._words = self._keywords.after(pages), self._words.after(pages)
        new.pages = _replaced(self.pages, changes, lambda _: True)
        new.having = _having(self.having, changes)
        new.pattern_names = {
            id_: self.pattern_names[id_] if self.having.get(id_) is some else _names_of(id_, some)
            for id_, some in new.having.items()
        }
        return new

    def by_keywords(self, keywords: Iterable[str], *, at_least: int) -> Sequence[Found]:
        """The repositories with so many of these keywords, those with most of them first.

        Of those with as many, the rarer keywords count first, then where these stand besides.
        """
        return self._ranked([self._keyword(word) for word in sorted(set(keywords))], at_least)

    def by_patterns(self, ids: Iterable[str], *, at_least: int) -> Sequence[Found]:
        """The repositories with so many of these patterns, those with most and rarest of them first."""
        return self._ranked([self._pattern(id_) for id_ in sorted(set(ids))], at_least)

    def by_text(self, text: str, *, at_least: int) -> Sequence[Found]:
        """The repositories that have so many of the words of a text, those that fit it best first.

        Scored by BM25F: BM25 on counts that are weighted by field, after Robertson and Zaragoza, "The
        Probabilistic Relevance Framework: BM25 and Beyond" (2009), with k1 1.2 and b 0.75.
        """
        counts, scores = np.zeros(len(self.pages), np.intp), np.zeros(len(self.pages))
        for stem in sorted(tokens(text)):
            rows, weights = self._word(stem)
            counts[rows] += 1
            damped = weights + _SATURATION * self._lengths[rows]
            scores[rows] += self._rarity(len(rows)) * weights * (_SATURATION + 1) / damped
        rows = np.flatnonzero(counts >= max(at_least, 1))
        best = rows[np.lexsort((rows, -scores[rows]))]
        return _Ranking(self.pages, best, counts, scores)

    def _ranked(self, columns: Collection[_Column], at_least: int) -> "_Ranking":
        counts, scores, places = (np.zeros(len(self.pages)) for _ in range(3))
        for rows, weights in columns:
            counts[rows] += 1
            scores[rows] += self._rarity(len(rows))
            places[rows] += weights
        rows = np.flatnonzero(counts >= max(at_least, 1))
        best = rows[np.lexsort((rows, -places[rows], -scores[rows], -counts[rows]))]
        return _Ranking(self.pages, best, counts, scores)

    def _rarity(self, having: int) -> float:
        """The IDF that BM25 takes, in the form that is never negative."""
        return math.log(1 + (len(self.pages) - having + 0.5) / (having + 0.5))

    @cached_property
    def _rows(self) -> Mapping[RepositoryId, int]:
        return {page.repository_id: row for row, page in enumerate(self.pages)}

    @cached_property
    def _lengths(self) -> Numbers:
        """How long each page is, beside the others, as far as that matters."""
        rows, counts = self._word(page_words.LENGTH)
        lengths = np.zeros(len(self.pages))
        lengths[rows] = counts
        mean = lengths.sum() / max(len(lengths), 1)
        relative: Numbers = 1 - _LENGTH_MATTERS + _LENGTH_MATTERS * lengths / max(mean, 1.0)
        return relative

    def _keyword(self, word: str) -> _Column:
        return self._column("keyword", word, self._keywords.having)

    def _word(self, stem: str) -> _Column:
        return self._column("word", stem, self._words.having)

    def _pattern(self, id_: str) -> _Column:
        return self._column("pattern", id_, self._standing)

    def _standing(self, id_: str) -> Mapping[RepositoryId, int]:
        return {page.repository_id: 0 for page in self.having.get(id_, ())}

    def _column(self, kind: str, word: str, who: Callable[[str], Mapping[RepositoryId, int]]) -> _Column:
        known = self._columns.get((kind, word))
        if known is None:
            having = who(word)
            rows = np.array([self._rows[id_] for id_ in having], np.intp)
            known = _Column(rows, np.array([*having.values()], np.float64))
            if having:  # what nobody has may be any word, of which there are too many to keep
                self._columns[kind, word] = known
        return known


class _Ranking(Sequence[Found]):
    """Repositories in the order of some rows, each made when it is looked at."""

    def __init__(
        self, pages: Sequence[Projection], rows: Rows, counts: Numbers | Rows, scores: Numbers
    ) -> None:
        self._pages, self._best, self._counts, self._scores = pages, rows, counts, scores

    def __len__(self) -> int:
        return len(self._best)

    @overload
    def __getitem__(self, wanted: int) -> Found: ...
    @overload
    def __getitem__(self, wanted: slice) -> Sequence[Found]: ...
    def __getitem__(self, wanted: int | slice) -> Found | Sequence[Found]:
        if isinstance(wanted, slice):
            return [self._found(row) for row in self._best[wanted].tolist()]
        return self._found(int(self._best[wanted]))

    def _found(self, row: int) -> Found:
        return Found(self._pages[row], int(self._counts[row]), float(self._scores[row]))


def _having(
    before: Mapping[str, Sequence[Projection]], changes: Changes
) -> Mapping[str, Sequence[Projection]]:
    having = dict(before)
    of_pattern: dict[str, list[tuple[Projection | None, Projection | None]]] = {}
    for change in changes:
        for id_ in {id_ for page in change if page for id_ in page.standing_patterns}:
            of_pattern.setdefault(id_, []).append(change)
    for id_, some in of_pattern.items():
        having[id_] = _replaced(having.get(id_, ()), some, partial(_stands_in, id_))
        if not having[id_]:
            del having[id_]
    return having


def _replaced(
    pages: Sequence[Projection], changes: Changes, belongs: Callable[[Projection], bool]
) -> Sequence[Projection]:
    """The pages by name, with what became of them where they belong there."""
    gone = {was.repository_id for was, _ in changes if was}
    kept = [page for page in pages if page.repository_id not in gone]
    new = [now for _, now in changes if now and belongs(now)]
    if len(new) > _MANY:
        return sorted([*kept, *new], key=_by_name)
    for page in new:
        insort(kept, page, key=_by_name)
    return kept


_MANY = 20


def _stands_in(id_: str, page: Projection) -> bool:
    return id_ in page.standing_patterns


def _names_of(id_: str, pages: Iterable[Projection]) -> Set[str]:
    return {page.standing_patterns[id_].name for page in pages}


def _by_name(page: Projection) -> tuple[str, str]:
    return page.repository_name.lower(), page.repository_name
