"""How good similarity is: the repositories that the product calls alike, beside those that people would.

    python benchmarks/similarity_quality.py --labels FILE.yaml [FILE.yaml …] --checkouts DIR [--json]
        [--show NAME] [--processes N]

The labels list repositories as {repo, topics}; how relevant one is to another is the Jaccard similarity of
their topics. `--checkouts` has a clone for each, as `<owner>+<name>` or `<owner>/<name>`, bare or not. Each
is read at its HEAD as a snapshot, by the extractor's own code, and its record is folded as the knowledge
base does it. All together are one knowledge base, in which each in turn is asked for the five most alike:
nDCG@5 is 1 where no other five in no other order would be more relevant, and a place that stays empty gains
nothing. What a ranking leaves in no order counts as the mean over all orders.

Beside what users get stand, from the same run: the same order without the floor below which nobody is called
alike; the algorithm of the original system, which counts equal keywords, patterns and dependencies; the same
before it counted dependencies; and chance. All intervals hold 95 % of 10,000 bootstrap samples of the
repositories that ask; the verdict is on the difference for one and the same repository, and is "better" or
"worse" only where the interval of that leaves out 0.
`--show NAME` lists the five of one repository, with their reasons.
"""

import argparse
import json
import math
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from pathlib import Path
from random import Random
from statistics import fmean, quantiles
from typing import NamedTuple

import yaml
from labelled import clones_of, records_at_head

from devnexus.alike import reasons, sentences
from devnexus.alike.bag import bag_of
from devnexus.alike.following import index_of
from devnexus.alike.index import MOST_ALIKE
from devnexus.git import Missing
from devnexus.knowledge.fold import fold
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.view import View
from devnexus.repository import id_of_name
from extractor.rule_set import load_rules

SAMPLES = 10_000
SEED = 7
COUNTS = (
    *("unrelated_among_named_ratio", "unrelated_among_others_ratio"),
    *("repositories_with_fewer_than_five", "repositories_with_none"),
    *("repositories", "repositories_without_a_clone", "elapsed_seconds"),
)

Topics = Mapping[str, frozenset[str]]
"""By the name of a repository."""

Ranking = Sequence[Collection[str]]
"""Names of repositories, best first; those that are in no order among themselves stand together."""


class Interval(NamedTuple):
    """A mean, and between what it lies in 95 % of all samples."""

    mean: float
    low: float
    high: float


def main() -> None:
    """Read, rank and print: a table, or one JSON object on one line."""
    options = _options()
    started = time.monotonic()
    topics = {name: told for path in options.labels for name, told in _labels(path)}
    view = _read_all(clones_of(options.checkouts, topics), options.processes)
    names = [page.repository_name for page in view.repositories.values()]
    if missing := sorted(set(topics) - set(names)):
        print(f"without a whole clone, left out: {', '.join(missing)}", file=sys.stderr)
    relevance = {
        one: {other: relevant(topics, one, other) for other in names if other != one} for one in names
    }
    if options.show:
        for line in five_of(options.show, view, relevance[options.show]):
            print(line)
        return
    figures: dict[str, float | str] = {
        **compare(view, relevance),
        "repositories": len(names),
        "repositories_without_a_clone": len(missing),
        "elapsed_seconds": round(time.monotonic() - started, 1),
    }
    if options.json:
        print(json.dumps(figures))
        return
    _print_table(figures)


def _print_table(figures: Mapping[str, float | str]) -> None:
    print(f"{'':<30}{'nDCG@5':<28}less the original's")
    for prefix in WAYS:
        row = f"{prefix.replace('_', ' ') or 'product':<30}{_told(figures, f'{prefix}ndcg5'):<28}"
        apart = f"{prefix}difference"
        print(f"{row}{_told(figures, apart)}: {figures[f'{prefix}verdict']}" if apart in figures else row)
    print()
    for name in COUNTS:
        print(f"{name:<44} {figures[name]:>8}")


def _told(figures: Mapping[str, float | str], name: str) -> str:
    return f"{figures[name]:.3f} ({figures[f'{name}_low']:.3f} to {figures[f'{name}_high']:.3f})"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--labels", type=Path, nargs="+", required=True, help="YAML files with topics")
    parser.add_argument("--checkouts", type=Path, required=True, help="folder with the clones")
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    parser.add_argument("--show", metavar="NAME", help="list the five that are most like this repository")
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


def _labels(path: Path) -> Iterator[tuple[str, frozenset[str]]]:
    for one in yaml.safe_load(path.read_text())["repos"]:
        yield one["repo"], frozenset(one["topics"])


def _read_all(clones: Mapping[str, Path], processes: int) -> View:
    with ProcessPoolExecutor(processes) as pool:
        pages = pool.map(read, clones, clones.values())
        return View("benchmark", {projection_path(page.repository_name): page for page in pages if page})


def read(name: str, clone: Path) -> Projection | None:
    """What the product knows of the repository at its HEAD, None where git cannot read all of it."""
    try:
        state = fold(records_at_head(name, clone, load_rules()))
    except Missing:
        return None
    return state.project() if state else None


def relevant(topics: Topics, one: str, other: str) -> float:
    """How much two repositories are about the same, from 0 to 1."""
    return len(topics[one] & topics[other]) / len(topics[one] | topics[other])


def compare(view: View, relevance: Mapping[str, Mapping[str, float]]) -> Mapping[str, float | str]:
    """nDCG@5 of each way to rank, and how that of the product differs from that of the original."""
    asking = sorted(name for name, others in relevance.items() if any(others.values()))
    rankings = {prefix: rank(view) for prefix, rank in WAYS.items()}
    gained = {
        prefix: [ndcg(ranking[name], relevance[name]) for name in asking]
        for prefix, ranking in rankings.items()
    }
    figures: dict[str, float | str] = {}
    for prefix, values in gained.items():
        figures |= _figures(f"{prefix}ndcg5", bootstrap(values))
    for prefix in PRODUCT:
        apart = bootstrap([ours - seeds for ours, seeds in zip(gained[prefix], gained["seed_"], strict=True)])
        figures |= _figures(f"{prefix}difference", apart)
        figures[f"{prefix}verdict"] = verdict(apart)
    return {**figures, **_of_what_users_get(rankings[""], relevance)}


def _of_what_users_get(
    ranking: Mapping[str, Ranking], relevance: Mapping[str, Mapping[str, float]]
) -> Mapping[str, float]:
    given = {one: frozenset(chain.from_iterable(others)) for one, others in ranking.items()}
    pairs = [(one, other, gain) for one, gains in relevance.items() for other, gain in gains.items()]
    named = [gain == 0 for one, other, gain in pairs if other in given[one]]
    others = [gain == 0 for one, other, gain in pairs if other not in given[one]]
    return {
        "unrelated_among_named_ratio": round(fmean(named), 3) if named else 0.0,
        "unrelated_among_others_ratio": round(fmean(others), 3) if others else 0.0,
        "repositories_with_fewer_than_five": sum(len(names) < MOST_ALIKE for names in given.values()),
        "repositories_with_none": sum(not names for names in given.values()),
    }


def _figures(name: str, interval: Interval) -> Mapping[str, float]:
    return {
        name: round(interval.mean, 3),
        f"{name}_low": round(interval.low, 3),
        f"{name}_high": round(interval.high, 3),
    }


def ndcg(ranking: Ranking, gains: Mapping[str, float]) -> float:
    """nDCG@5: what the first five places gain, as a share of what they could."""
    discounts = [1 / math.log2(place + 2) for place in range(MOST_ALIKE)]
    gained, first = 0.0, 0
    for tied in ranking:
        gained += sum(discounts[first : first + len(tied)]) * fmean(gains[name] for name in tied)
        first += len(tied)
    best = sorted(gains.values(), reverse=True)
    return gained / sum(gain * discount for gain, discount in zip(best, discounts, strict=False))


def bootstrap(values: Sequence[float]) -> Interval:
    """The mean of `values` and its 95 % interval; equally many values are always drawn alike."""
    random = Random(SEED)
    low, *_, high = quantiles((fmean(random.choices(values, k=len(values))) for _ in range(SAMPLES)), n=40)
    return Interval(fmean(values), low, high)


def verdict(apart: Interval) -> str:
    """What may be said of a difference."""
    if apart.low > 0:
        return "better"
    return "worse" if apart.high < 0 else "no difference shown"


def by_what_users_get(view: View) -> Mapping[str, Ranking]:
    """The product's answers: up to five, none of which is below the floor."""
    index = index_of(view)
    return {
        page.repository_name: [
            (one.repository.name,) for one in reasons.alike(view, index, page.repository_id)
        ]
        for page in view.repositories.values()
    }


def by_score(view: View) -> Mapping[str, Ranking]:
    """Everybody in the order of the product's score."""
    index = index_of(view)
    return _by(view, lambda one, other: index.score(bag_of(one), bag_of(other)))


def by_equal_strings(view: View) -> Mapping[str, Ranking]:
    """As the original does it: by how many keywords, patterns and dependencies are equal strings."""
    return _by(view, lambda one, other: sum(map(_equal, _lists(one), _lists(other))))


def by_equal_strings_without_dependencies(view: View) -> Mapping[str, Ranking]:
    """As the original did it at first."""
    return _by(view, lambda one, other: sum(map(_equal, _lists(one)[:2], _lists(other)[:2])))


def by_chance(view: View) -> Mapping[str, Ranking]:
    """Everybody in no order."""
    return _by(view, lambda one, other: 1)


WAYS: Mapping[str, Callable[[View], Mapping[str, Ranking]]] = {
    "": by_what_users_get,
    "without_floor_": by_score,
    "seed_": by_equal_strings,
    "seed_without_dependencies_": by_equal_strings_without_dependencies,
    "random_": by_chance,
}
PRODUCT = ("", "without_floor_")


def _lists(page: Projection) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    entry = page.latest_patterns
    return frozenset(entry.keywords), frozenset(entry.patterns), frozenset(entry.dependencies)


def _equal(one: frozenset[str], other: frozenset[str]) -> int:
    return len(one & other)


def _by(view: View, score: Callable[[Projection, Projection], float]) -> Mapping[str, Ranking]:
    """Everybody else by `score`; who scores nothing is nowhere."""
    return {
        one.repository_name: _ranked(one, view.repositories.values(), score)
        for one in view.repositories.values()
    }


def _ranked(
    one: Projection, everybody: Iterable[Projection], score: Callable[[Projection, Projection], float]
) -> Ranking:
    tied: dict[float, list[str]] = defaultdict(list)
    for other in everybody:
        if other is not one:
            tied[score(one, other)].append(other.repository_name)
    return [tied[value] for value in sorted(tied, reverse=True) if value > 0]


def five_of(name: str, view: View, relevance: Mapping[str, float]) -> Iterator[str]:
    """What users see of the repositories that are most like one, and how relevant those are."""
    for alike in reasons.alike(view, index_of(view), id_of_name(name)):
        other = alike.repository.name
        yield f"{alike.score:.3f} {other} (relevance {relevance[other]:.2f}): {sentences.reasons(alike)}"
        yield "      " + ", ".join(f"{term.kind} {term.name} {term.weight:.2f}" for term in alike.shared)


if __name__ == "__main__":
    main()
