"""Which package a repository does something with, where one package would do for all."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from devnexus.alike.bag import place
from devnexus.events.similarity_computed import Place
from devnexus.knowledge.projection import DeclaredDependency, Projection, StandingPattern
from devnexus.knowledge.standing_files import is_product
from devnexus.package_url import without_major_version
from devnexus.repository import RepositoryId

WORTH: Mapping[str, float] = {
    "retry-backoff": 0.7,
    "circuit-breaker": 0.65,
    "jwt-auth": 0.65,
    "password-hashing": 0.65,
    "structured-logging": 0.6,
    "metrics": 0.55,
    "task-queue": 0.55,
    "orm": 0.45,
    "schema-validation": 0.45,
}
"""Pattern → what it is worth to do it in one way. What is not here is rarely a matter of one package."""

_WORD = re.compile(r"[A-Za-z0-9]+")

_FRAMEWORKS = frozenset("django fastapi flask nestjs quarkus rails springframework".split())
"""What a framework's own package is for comes with the framework: nobody chose it beside another."""

_HOSTS = frozenset("github gitlab golang".split())
_SHORTEST_NAME = 5
"""Shorter words stand in longer ones by chance."""

_LONGEST_NAME = 200
"""Longer ones name no package that anybody could ask for."""

Kind = tuple[str, str]
"""A pattern and an ecosystem: what is done, and whose packages could do it."""


class Way(NamedTuple):
    """A package that a repository needs for a pattern, and where it asks for it."""

    package: str
    place: Place


Ways = Mapping[Kind, Mapping[str, Way]]
"""What is done, by which packages, in their order; without the major version that Go makes part of a name."""


def ways_of(page: Projection) -> Ways:
    """How a repository does what it does: patterns whose evidence is a line that asks for one package."""
    on_line: dict[tuple[str, int], list[DeclaredDependency]] = defaultdict(list)
    for needed in page.declared_dependencies:
        if not needed.group and len(needed.name) <= _LONGEST_NAME and is_product(needed.path):
            on_line[needed.path, needed.line].append(needed)
    found: dict[Kind, dict[str, Way]] = defaultdict(dict)
    for id_ in sorted(WORTH.keys() & page.standing_patterns.keys()):
        for needed in _needed(page.standing_patterns[id_], on_line):
            way = Way(needed.name, place(needed.path, needed.line, needed.line, needed.commit))
            found[id_, needed.ecosystem].setdefault(without_major_version(needed.name), way)
    return {kind: dict(sorted(ways.items())) for kind, ways in found.items()}


class KnownWays:
    """The ways of repositories, looked through again only where the page is another one."""

    def __init__(self) -> None:
        self._known: dict[RepositoryId, tuple[Projection, Ways]] = {}

    def of(self, page: Projection) -> Ways:
        """As `ways_of`."""
        known = self._known.get(page.repository_id)
        if known is None or known[0] is not page:
            known = self._known[page.repository_id] = page, ways_of(page)
        return known[1]


def are_one(package: str, other: str) -> bool:
    """Whether one is the other, or may wrap it for a framework, as flask-bcrypt does with bcrypt."""
    words, others = (set(_WORD.findall(without_major_version(name))) for name in (package, other))
    if words <= others or others <= words or not _FRAMEWORKS.isdisjoint(words | others):
        return True
    return any(_holds(one, two) or _holds(two, one) for one in words - _HOSTS for two in others - _HOSTS)


def _needed(
    pattern: StandingPattern, on_line: Mapping[tuple[str, int], list[DeclaredDependency]]
) -> list[DeclaredDependency]:
    """What the lines ask for that speak for a pattern; a line that asks for several says nothing."""
    rows = (on_line.get((row.path, row.start), []) for row in pattern.evidence if row.kind == "dependency")
    return [asked[0] for asked in rows if len(asked) == 1]


def _holds(word: str, part: str) -> bool:
    return len(part) >= _SHORTEST_NAME and part in word
