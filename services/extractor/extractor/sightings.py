"""Every place in one file that speaks for a pattern, before anything is weighed against the file's role."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from devnexus.events.patterns_extracted import Dependency, Kind, Manifest
from extractor.comments import without_comments
from extractor.evidence import lines_of
from extractor.imports import SYSTEMS, Import, imports_of, prefixes, without_versions
from extractor.manifests.go_mod import without_major_version
from extractor.manifests.requirement import python_name
from extractor.rule_set import RuleSet, Speaks

_LONGEST_LINE = 400
"""Longer lines are data or minified code: they match by accident."""

_LONGEST_SCANNED_LINE = 10_000
"""Up to here a line that is ignored may still open or close a comment; nobody writes longer ones."""

_MOST_LINES = 10
"""A row quotes at most this many lines; more would be no evidence that a person can check."""

# needed to build, test or document, but not what the product does: as much as evidence in tests
_SIDE_GROUPS = frozenset("dev develop development test tests testing docs doc lint typing ci".split())
_SIDE_WEIGHT = 0.25


@dataclass(frozen=True)
class Sighting:
    """Lines that speak for a rule; the weight is the rule's own."""

    rule: str
    kind: Kind
    start: int
    end: int
    weight: float


class Matchable:
    """A text as rules see it: no comments, no carriage returns, no overlong lines, same line numbers."""

    def __init__(self, path: str, text: str) -> None:
        originals = lines_of(text)
        scanned = "\n".join(line if len(line) <= _LONGEST_SCANNED_LINE else "" for line in originals)
        lines = without_comments(path, scanned).split("\n")
        kept = (
            line.removesuffix("\r") if len(original) <= _LONGEST_LINE else ""
            for line, original in zip(lines, originals, strict=False)
        )
        encoded = [line.encode("utf-8", "replace") for line in kept]
        self.text = b"\n".join(encoded)
        self._starts = _offsets(encoded)

    def lines(self, start: int, end: int) -> tuple[int, int]:
        """The first and last line, 1-based, of the bytes from `start` to `end`; ten lines at most."""
        first = bisect_right(self._starts, start)
        last = bisect_right(self._starts, max(start, end - 1))
        return first, min(last, first + _MOST_LINES - 1)


def path_sightings(path: str, rules: RuleSet) -> Iterator[Sighting]:
    """What the path alone tells, said of its first line."""
    for rule in rules.paths if rules.some_path.match(path) else ():
        if rule.globs.match(path):
            yield Sighting(rule.rule, "path", 1, 1, rule.weight)


def dependency_sightings(
    manifest: Manifest, *, rules: RuleSet, own_names: frozenset[str]
) -> Iterator[Sighting]:
    """What the packages tell that the manifest asks for, other than the repository's own."""
    for dependency in manifest.dependencies:
        name = without_major_version(dependency.name)
        if not own_names.isdisjoint((name, dependency.name)):
            continue
        for speaks in rules.dependencies.get((manifest.ecosystem, name), ()):
            weight = speaks.weight * _group_weight(dependency)
            yield Sighting(speaks.rule, "dependency", dependency.line, dependency.line, weight)


def import_sightings(
    language: str, matchable: Matchable, *, rules: RuleSet, own_names: frozenset[str]
) -> Iterator[Sighting]:
    """What the imported modules tell, other than the repository's own."""
    system = SYSTEMS.get(language)
    for found in imports_of(system, matchable.text) if system else ():
        for speaks in _spoken_for(system or "", found, rules, own_names):
            yield Sighting(speaks.rule, "import", *matchable.lines(found.start, found.end), speaks.weight)


def code_sightings(language: str, matchable: Matchable, rules: RuleSet) -> Iterator[Sighting]:
    """What the code tells."""
    for rule in rules.code:
        if not rule.languages or language in rule.languages:
            for span in rule.regex.spans(matchable.text):
                yield Sighting(rule.rule, "code", *matchable.lines(*span), rule.weight)


def config_sightings(path: str, matchable: Matchable, rules: RuleSet) -> Iterator[Sighting]:
    """What a file tells that configures or declares."""
    for rule in rules.config:
        if rule.paths is None or rule.paths.match(path):
            for span in rule.regex.spans(matchable.text):
                yield Sighting(rule.rule, "config", *matchable.lines(*span), rule.weight)


def _spoken_for(system: str, found: Import, rules: RuleSet, own_names: frozenset[str]) -> Iterator[Speaks]:
    packages = prefixes(system, found.module)
    if _own_modules(own_names).isdisjoint(_comparable(system, packages)):
        for package in packages:
            yield from rules.imports.get((system, without_versions(system, package)), ())


@lru_cache
def _own_modules(own_names: frozenset[str]) -> frozenset[str]:
    """What modules of the repository's own packages are called, as `_comparable` writes them."""
    # a JVM package begins like the group of its artifact, `<group>:<artifact>`
    return frozenset(name.partition(":")[0].casefold() for name in own_names)


def _comparable(system: str, packages: Sequence[str]) -> list[str]:
    # a Python module is called like its distribution, but for dashes and case
    compared = map(python_name, packages) if system == "python" else packages
    return [package.casefold() for package in compared]


def _group_weight(dependency: Dependency) -> float:
    if dependency.group == "indirect":
        return 0.0
    return _SIDE_WEIGHT if dependency.group.lower() in _SIDE_GROUPS else 1.0


def _offsets(lines: Sequence[bytes]) -> list[int]:
    offsets, position = [], 0
    for line in lines:
        offsets.append(position)
        position += len(line) + 1
    return offsets
