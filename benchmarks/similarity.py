"""How long it takes to find the repositories most like one, and to keep up with pushes.

    python benchmarks/similarity.py [--json] [--repositories 100000]

A synthetic organisation: 41 terms each (patterns, dependencies, keywords), drawn by Zipf's law, so that the
most frequent term is in about four of five repositories and most terms are in few. Measured are the exact
index (building it; a query; a push that exchanges three terms of a repository, and one that exchanges all;
one repository more, and the first query after that, for which all weights are reckoned anew) and the memory
that it takes besides the bags. The baseline in the same run is the original's algorithm: with every other
repository the intersections of three sets, ranked by the sum of their sizes.
"""

import argparse
import gc
import itertools
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import get_args

import psutil

from devnexus.alike.bag import Kind, Term
from devnexus.alike.index import MOST_ALIKE, Index
from devnexus.repository import RepositoryId

_TERMS_EACH = 41
_TERMS = 9_000
_ZIPF = 0.8
_KINDS: tuple[Kind, ...] = ("pattern", "dependency", "dependency", "keyword")
_QUERIES = 500
_SEED_QUERIES = 15
_UPDATES = 300
_ADDED = 15
_EXCHANGED = 3

Bag = frozenset[Term]
Figures = dict[str, float]


def main() -> None:
    """Measure and print: a table, or one JSON object on one line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    parser.add_argument("--repositories", type=int, default=100_000)
    options = parser.parse_args()
    figures = {name: round(value, 3) for name, value in measure(options.repositories).items()}
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<28} {value:>14,.3f}")


def measure(repositories: int) -> Figures:
    """All figures of one run; names end in their unit."""
    _tell("drawing bags")
    organisation = _Organisation(repositories)
    bags = organisation.bags
    _tell("building")
    index, built = _built(bags)
    _tell("asking")
    queries = [_query_ms(index, bags, name) for name in organisation.some(_QUERIES)]
    seed = _seed_queries_ms(bags, organisation.some(_SEED_QUERIES))
    _tell("updating")
    return {
        "repositories_count": repositories,
        "terms_each_count": _TERMS_EACH,
        "most_frequent_term_share": organisation.largest_share(),
        **built,
        "query_p50_ms": statistics.median(queries),
        "query_p95_ms": statistics.quantiles(queries, n=20)[-1],
        "seed_query_p50_ms": statistics.median(seed),
        **_updates(index, organisation),
    }


class _Organisation:
    """Repositories and their bags, the same in every run."""

    def __init__(self, repositories: int) -> None:
        self._random = random.Random(7)
        self._terms = [Term(_KINDS[n % len(_KINDS)], f"term-{n}") for n in range(_TERMS)]
        self._weights = list(itertools.accumulate((n + 1) ** -_ZIPF for n in range(_TERMS)))
        self.bags = {f"github.com/{number}": self.bag() for number in range(repositories)}

    def bag(self, kept: Bag = frozenset()) -> Bag:
        """A bag of so many terms: those of `kept`, and others."""
        bag = set(kept)
        while len(bag) < _TERMS_EACH:
            bag.update(self._random.choices(self._terms, cum_weights=self._weights, k=_TERMS_EACH - len(bag)))
        return frozenset(bag)

    def exchanged(self, bag: Bag, count: int) -> Bag:
        """The bag with so many other terms in the place of some."""
        return self.bag(kept=frozenset(self._random.sample(sorted(bag), k=_TERMS_EACH - count)))

    def some(self, count: int) -> list[RepositoryId]:
        """Repositories at random."""
        return self._random.choices(list(self.bags), k=count)

    def largest_share(self) -> float:
        """The part of the repositories that have the most frequent term."""
        return sum(self._terms[0] in bag for bag in self.bags.values()) / len(self.bags)


def _built(bags: Mapping[RepositoryId, Bag]) -> tuple[Index, Figures]:
    gc.collect()
    before, started = psutil.Process().memory_info().rss, time.perf_counter()
    index = Index()
    for name, bag in bags.items():
        index.put(name, bag)
    index.most_alike((), but=set())
    seconds = time.perf_counter() - started
    gc.collect()
    memory = psutil.Process().memory_info().rss - before
    return index, {"build_s": seconds, "memory_mib": memory / 2**20}


def _updates(index: Index, organisation: _Organisation) -> Figures:
    """What it takes to follow pushes and new repositories."""
    bags = organisation.bags
    few = [_exchange_ms(index, organisation, name, _EXCHANGED) for name in organisation.some(_UPDATES)]
    every = [_exchange_ms(index, organisation, name, _TERMS_EACH) for name in organisation.some(_UPDATES)]
    added, after = [], []
    for number in range(_ADDED):
        bag, name = organisation.bag(), f"github.com/new-{number}"
        added.append(_ms(partial(index.put, name, bag)))
        after.append(_query_ms(index, bags, next(iter(bags))))
    return {
        "update_ms": statistics.median(few),
        "update_p95_ms": statistics.quantiles(few, n=20)[-1],
        "update_of_all_terms_ms": statistics.median(every),
        "add_ms": statistics.median(added),
        "query_after_add_ms": statistics.median(after),
    }


def _exchange_ms(index: Index, organisation: _Organisation, name: RepositoryId, count: int) -> float:
    bag = organisation.exchanged(organisation.bags[name], count)
    organisation.bags[name] = bag
    return _ms(partial(index.put, name, bag))


def _query_ms(index: Index, bags: Mapping[RepositoryId, Bag], name: RepositoryId) -> float:
    return _ms(partial(index.most_alike, bags[name], but={name}))


def _seed_queries_ms(bags: Mapping[RepositoryId, Bag], names: Iterable[RepositoryId]) -> list[float]:
    sets = {
        name: [{term.key for term in bag if term.kind == kind} for kind in get_args(Kind)]
        for name, bag in bags.items()
    }
    return [_ms(partial(_most_alike_as_the_seed, sets, name)) for name in names]


def _most_alike_as_the_seed(
    sets: Mapping[RepositoryId, Sequence[set[str]]], name: RepositoryId
) -> list[RepositoryId]:
    """What the original does: everybody who shares anything, by the sum of three counts."""
    patterns, dependencies, keywords = sets[name]
    scores = {
        other: len(keywords & theirs[2]) + len(patterns & theirs[0]) + len(dependencies & theirs[1])
        for other, theirs in sets.items()
        if other != name
    }
    found = [other for other, score in scores.items() if score > 0]
    return sorted(found, key=lambda other: -scores[other])[:MOST_ALIKE]


def _ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e3


def _tell(what: str) -> None:
    print(what, file=sys.stderr)


if __name__ == "__main__":
    main()
