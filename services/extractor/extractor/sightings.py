"""Every place in one file that speaks for a pattern, before anything is weighed against the file's role."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate

from devnexus.events.patterns_extracted import Dependency, Kind, Manifest
from devnexus.package_url import without_major_version
from extractor.comments import without_comments
from extractor.imports import SYSTEMS, Import, imports_of, prefixes, without_versions
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


OwnNames = Callable[[], frozenset[str]]
"""Tells what the repository calls its own packages; asked only where a rule speaks of a package."""


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
        code = _code(path, text).replace("\r\n", "\n").removesuffix("\r")
        self.text = code.encode("utf-8", "replace")

    @cached_property
    def _starts(self) -> list[int]:
        sizes = (len(line) + 1 for line in self.text.split(b"\n"))
        return list(accumulate(sizes, initial=0))[:-1]

    def lines(self, start: int, end: int) -> tuple[int, int]:
        """The first and last line, 1-based, of the bytes from `start` to `end`; ten lines at most."""
        first = bisect_right(self._starts, start)
        last = bisect_right(self._starts, max(start, end - 1))
        return first, min(last, first + _MOST_LINES - 1)


def path_sightings(path: str, rules: RuleSet) -> Iterator[Sighting]:
    """What the path alone tells, said of its first line."""
    for speaks in rules.paths.found_in(path.encode("utf-8", "replace")):
        yield Sighting(speaks.rule, "path", 1, 1, speaks.weight)


def dependency_sightings(manifest: Manifest, *, rules: RuleSet, own_names: OwnNames) -> Iterator[Sighting]:
    """What the packages tell that the manifest asks for, other than the repository's own."""
    for dependency in manifest.dependencies:
        name = without_major_version(dependency.name)
        spoken_for = rules.dependencies.get((manifest.ecosystem, name), ())
        if not spoken_for or not own_names().isdisjoint((name, dependency.name)):
            continue
        for speaks in spoken_for:
            weight = speaks.weight * _group_weight(dependency)
            yield Sighting(speaks.rule, "dependency", dependency.line, dependency.line, weight)


def import_sightings(
    language: str, matchable: Matchable, *, rules: RuleSet, own_names: OwnNames
) -> Iterator[Sighting]:
    """What the imported modules tell, other than the repository's own."""
    system = SYSTEMS.get(language)
    for found in imports_of(system, matchable.text) if system else ():
        for speaks in _spoken_for(system or "", found, rules, own_names):
            yield Sighting(speaks.rule, "import", *matchable.lines(found.start, found.end), speaks.weight)


def code_sightings(language: str, matchable: Matchable, rules: RuleSet) -> Iterator[Sighting]:
    """What the code tells."""
    table = rules.code.get(language) or rules.code[""]
    for speaks in table.found_in(matchable.text):
        for span in speaks.regex.spans(matchable.text):
            yield Sighting(speaks.rule, "code", *matchable.lines(*span), speaks.weight)


def config_sightings(path: str, matchable: Matchable, rules: RuleSet) -> Iterator[Sighting]:
    """What a file tells that configures or declares."""
    for speaks in rules.config.found_in(matchable.text):
        if speaks.paths is None or speaks.paths.found_in(path):
            for span in speaks.regex.spans(matchable.text):
                yield Sighting(speaks.rule, "config", *matchable.lines(*span), speaks.weight)


def _spoken_for(system: str, found: Import, rules: RuleSet, own_names: OwnNames) -> list[Speaks]:
    packages = prefixes(system, found.module)
    spoken_for = [
        speaks
        for package in packages
        for speaks in rules.imports.get((system, without_versions(system, package)), ())
    ]
    if not spoken_for or _own_modules(own_names()).isdisjoint(_comparable(system, packages)):
        return spoken_for
    return []


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


def _code(path: str, text: str) -> str:
    lines = text.split("\n")
    if max(map(len, lines)) <= _LONGEST_LINE:
        return without_comments(path, text)
    scanned = "\n".join(line if len(line) <= _LONGEST_SCANNED_LINE else "" for line in lines)
    pairs = zip(without_comments(path, scanned).split("\n"), lines, strict=True)
    return "\n".join(line if len(was) <= _LONGEST_LINE else "" for line, was in pairs)
