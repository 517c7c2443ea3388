"""How right the rules are: what the product says of labelled repositories beside what people say of them.

    python benchmarks/extraction_quality.py --labels FILE.yaml --checkouts DIR [--json]
        [--only ID,ID] [--rule ID] [--at SHARE] [--processes N]

The labels list repositories as {repo, present, maybe}: what is in `maybe` does not count either way, all
else that is not `present` is absent; anti-patterns, which nobody labels, are left out. A pattern for which
there is no rule yet is counted as missed. `--checkouts` has a clone for each, as `<owner>+<name>` or
`<owner>/<name>`, bare or not. Each is read at its HEAD as a snapshot, by the extractor's own code, and its
record is folded as the knowledge base does it.

The baseline in the same run knows dependencies alone: a pattern is there where a package of its rule is asked
for, whatever else the rule wants to see.
`--rule ID` lists what that rule gets wrong at `--at`, with the strongest lines; `--only` leaves out the other
rules and their labels.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import yaml
from labelled import clones_of, records_at_head

from devnexus.events import PatternsExtracted
from devnexus.events.patterns_extracted import EvidenceRow
from devnexus.knowledge.confidence import LIKELY, STRONG
from devnexus.knowledge.fold import fold
from extractor.rule_set import RuleSet, load_rules

LINES_LISTED = 6

Rows = list[tuple[str, EvidenceRow]]


@dataclass(frozen=True)
class Labels:
    """What people say of one repository."""

    repository: str
    present: frozenset[str]
    maybe: frozenset[str]


@dataclass(frozen=True)
class Found:
    """What the rules say of one repository."""

    confidence: Mapping[str, float]
    """By rule, of those that the product shows."""
    rows: Mapping[str, Rows]

    @property
    def asked_for(self) -> Mapping[str, float]:
        """Certainty for each rule of which a package is asked for."""
        return {
            rule: 1.0 for rule, seen in self.rows.items() if any(row.kind == "dependency" for _, row in seen)
        }


@dataclass(frozen=True)
class Score:
    """How often the rules are right."""

    hits: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Of what the rules say, how much is so; 1 where they say nothing."""
        return self.hits / (self.hits + self.wrong) if self.hits + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Of what is so, how much the rules say."""
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both; 1 where there was nothing to get wrong."""
        judged = 2 * self.hits + self.wrong + self.missed
        return 2 * self.hits / judged if judged else 1.0


def main() -> None:
    """Read, score and print: a table, or one JSON object on one line."""
    options = _options()
    only = frozenset(filter(None, options.only.split(",")))
    started = time.monotonic()
    labelled = {one.repository: one for one in _labels(options.labels)}
    clones = clones_of(options.checkouts, labelled)
    if missing := sorted(set(labelled) - set(clones)):
        print(f"without a clone, left out: {', '.join(missing)}", file=sys.stderr)
    found = _read_all(clones, only, options.processes)
    judged = [(labelled[name], found[name]) for name in sorted(found)]
    if options.rule:
        for line in mistakes(options.rule, judged, at=options.at):
            print(line)
        return
    # labels tell what is there, not what is better avoided: nothing says when an anti-pattern is right
    rules = sorted(only or (id_ for id_, pattern in load_rules().patterns.items() if not pattern.anti))
    asked = only or frozenset(rules).union(*(labels.present for labels, _ in judged))
    unruled = sum(len(labels.present & asked - set(rules)) for labels, _ in judged)
    figures = {
        **_overall(judged, asked),
        "labels_without_a_rule": unruled,
        "repositories": len(judged),
        "repositories_without_a_clone": len(missing),
        "rules": len(rules),
        "elapsed_seconds": round(time.monotonic() - started, 1),
    }
    if options.json:
        print(json.dumps({**figures, "by_rule": {rule: _overall(judged, {rule}) for rule in rules}}))
        return
    _print_table(judged, rules)
    for name, value in figures.items():
        print(f"{name:<44} {value:>8}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--labels", type=Path, required=True, help="YAML file with the labelled repositories")
    parser.add_argument("--checkouts", type=Path, required=True, help="folder with their clones")
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    parser.add_argument("--only", default="", metavar="ID,ID", help="score these rules alone")
    parser.add_argument("--rule", metavar="ID", help="list what this rule gets wrong")
    parser.add_argument("--at", type=float, default=LIKELY, help="confidence that counts with --rule")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    options.only = options.only or options.rule or ""
    return options


def _labels(path: Path) -> Iterator[Labels]:
    for one in yaml.safe_load(path.read_text())["repos"]:
        yield Labels(one["repo"], frozenset(one["present"]), frozenset(one.get("maybe", ())))


def _read_all(clones: Mapping[str, Path], only: Collection[str], processes: int) -> dict[str, Found]:
    with ProcessPoolExecutor(processes) as pool:
        reading = {name: pool.submit(read, name, path, only) for name, path in clones.items()}
        return {name: future.result() for name, future in reading.items()}


def read(name: str, clone: Path, only: Collection[str]) -> Found:
    """What the product says of the repository at its HEAD, by all rules or by those in `only`."""
    records = records_at_head(name, clone, _rules(only))
    state = fold(records)
    standing = state.project().standing_patterns if state else {}
    return Found(
        confidence={rule: pattern.confidence for rule, pattern in standing.items()},
        rows=_rows_by_rule(records),
    )


def _rules(only: Collection[str]) -> RuleSet:
    if not only:
        return load_rules()
    with tempfile.TemporaryDirectory(prefix="devnexus-benchmark-") as scratch:
        for rule in only:
            source = files("extractor.rules") / f"{rule}.yaml"
            Path(scratch, source.name).write_bytes(source.read_bytes())
        return load_rules(Path(scratch))


def _rows_by_rule(records: Iterable[PatternsExtracted]) -> dict[str, Rows]:
    rows: dict[str, Rows] = defaultdict(list)
    for record in records:
        for file in record.files:
            for row in file.rows:
                rows[row.rule].append((file.path, row))
    return dict(rows)


def score(
    judged: Iterable[tuple[Labels, Found]],
    rules: Collection[str],
    said: Callable[[Found], Mapping[str, float]],
    *,
    at: float,
) -> Score:
    """How right what was `said` with a confidence of `at` and more is, over these rules."""
    hits = wrong = missed = 0
    for labels, found in judged:
        claimed = {rule for rule, value in said(found).items() if value >= at} & set(rules)
        hits += len(claimed & labels.present)
        wrong += len(claimed - labels.present - labels.maybe)
        missed += len(labels.present & set(rules) - claimed)
    return Score(hits, wrong, missed)


def _with_rules(found: Found) -> Mapping[str, float]:
    return found.confidence


def _with_dependencies(found: Found) -> Mapping[str, float]:
    return found.asked_for


def _overall(judged: Sequence[tuple[Labels, Found]], rules: Collection[str]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for suffix, said, at in (
        (f"at_{LIKELY * 100:.0f}_percent", _with_rules, LIKELY),
        (f"at_{STRONG * 100:.0f}_percent", _with_rules, STRONG),
        ("of_dependencies_alone", _with_dependencies, LIKELY),
    ):
        one = score(judged, rules, said, at=at)
        figures[f"precision_{suffix}_ratio"] = round(one.precision, 3)
        figures[f"recall_{suffix}_ratio"] = round(one.recall, 3)
        figures[f"f1_{suffix}_ratio"] = round(one.f1, 3)
        figures[f"false_positives_{suffix}"] = one.wrong
        figures[f"false_negatives_{suffix}"] = one.missed
    return figures


def _print_table(judged: Sequence[tuple[Labels, Found]], rules: Iterable[str]) -> None:
    print(f"{'':<24}{f'at {LIKELY}: P / R / F1':<26}{'right wrong missed':<22}{f'at {STRONG}: P / R / F1'}")
    for rule in rules:
        likely, strong = (score(judged, {rule}, _with_rules, at=at) for at in (LIKELY, STRONG))
        counts = f"{likely.hits:>5} {likely.wrong:>5} {likely.missed:>6}"
        print(f"{rule:<24}{_three(likely):<26}{counts:<22}{_three(strong)}")
    print()


def _three(one: Score) -> str:
    return f"{one.precision:.2f}  {one.recall:.2f}  {one.f1:.2f}"


def mistakes(rule: str, judged: Iterable[tuple[Labels, Found]], *, at: float) -> Iterator[str]:
    """What `rule` says and is not so, and what it does not say, with its strongest lines."""
    for labels, found in judged:
        claimed = found.confidence.get(rule, 0.0) >= at
        if claimed and rule not in labels.present | labels.maybe:
            yield from _mistake("false positive", rule, labels, found)
        if not claimed and rule in labels.present:
            yield from _mistake("false negative", rule, labels, found)


def _mistake(kind: str, rule: str, labels: Labels, found: Found) -> Iterator[str]:
    yield f"{kind}: {labels.repository} ({found.confidence.get(rule, 0.0):.2f})"
    strongest = sorted(found.rows.get(rule, ()), key=lambda item: (-item[1].weight, item[0], item[1].start))
    for path, row in strongest[:LINES_LISTED]:
        yield f"    {row.weight:.2f} {row.kind:<10} {path}:{row.start}"


if __name__ == "__main__":
    main()
