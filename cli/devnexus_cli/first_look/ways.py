"""One thing that the repositories do in several ways: the same pattern by different packages."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from devnexus.events import PatternsExtracted
from devnexus.events.patterns_extracted import FileReading, Manifest
from devnexus.knowledge.projection import Projection
from devnexus_cli.first_look.remark import Remark, Spot
from extractor.manifests.go_mod import without_major_version
from extractor.roles import Role, role_of

_WORD = re.compile(r"[A-Za-z0-9]+")

_FRAMEWORKS = frozenset("django fastapi flask nestjs quarkus rails springframework".split())
"""What a framework's own package is for comes with the framework: nobody chose it beside another."""

_HOSTS = frozenset("github gitlab golang".split())
_SHORTEST_NAME = 5
"""Shorter words stand in longer ones by chance."""

_WORTH: Mapping[str, float] = {
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


class _Way(NamedTuple):
    """A package that a repository needs for a pattern, and where it asks for it."""

    package: str
    spot: Spot


def several_ways(known: Sequence[tuple[Projection, PatternsExtracted]]) -> Iterator[Remark]:
    """One remark for each pattern that two repositories of one ecosystem have no package in common for."""
    ways: dict[tuple[str, str], dict[str, list[_Way]]] = defaultdict(lambda: defaultdict(list))
    for projection, record in known:
        for pattern, ecosystem, way in _ways(projection, record):
            ways[pattern, ecosystem][projection.repository_name].append(way)
    names = {id_: found.name for one, _ in known for id_, found in one.standing_patterns.items()}
    for (pattern, _), by_repository in sorted(ways.items()):
        yield from _remarks(pattern, names[pattern], by_repository)


def _remarks(pattern: str, name: str, by_repository: Mapping[str, Sequence[_Way]]) -> Iterator[Remark]:
    """About the first two repositories that do it differently."""
    ordered = sorted(by_repository.items())
    for at, (repository, ours) in enumerate(ordered):
        for other, theirs in ordered[at + 1 :]:
            if not any(_are_one(one.package, another.package) for one in ours for another in theirs):
                yield Remark(
                    kind="ways",
                    worth=_WORTH[pattern],
                    text=f"{name} in two ways: {_told(repository, ours[0])}, {_told(other, theirs[0])}",
                    repository=repository,
                    here=ours[0].spot,
                    sister=theirs[0].spot,
                )
                return


def _are_one(package: str, other: str) -> bool:
    """Whether one is the other, or may wrap it for a framework, as flask-bcrypt does with bcrypt."""
    # Go writes the major version into the name
    words, others = (set(_WORD.findall(without_major_version(name))) for name in (package, other))
    if words <= others or others <= words or not _FRAMEWORKS.isdisjoint(words | others):
        return True
    return any(_holds(one, two) or _holds(two, one) for one in words - _HOSTS for two in others - _HOSTS)


def _holds(word: str, part: str) -> bool:
    return len(part) >= _SHORTEST_NAME and part in word


def _ways(projection: Projection, record: PatternsExtracted) -> Iterator[tuple[str, str, _Way]]:
    for file in record.files:
        if file.manifest and role_of(file.path) in {Role.SOURCE, Role.CONFIG}:
            for pattern, way in _ways_in(projection.repository_name, file, file.manifest):
                if pattern in projection.standing_patterns:
                    yield pattern, file.manifest.ecosystem, way


def _ways_in(repository: str, file: FileReading, manifest: Manifest) -> Iterator[tuple[str, _Way]]:
    on_line: dict[int, list[str]] = defaultdict(list)
    for needed in manifest.dependencies:
        if not needed.group:
            on_line[needed.line].append(needed.name)
    for row in file.rows:
        packages = on_line.get(row.start, [])
        if row.kind == "dependency" and row.rule in _WORTH and len(packages) == 1:
            spot = Spot(repository=repository, path=file.path, start=row.start, end=row.end)
            yield row.rule, _Way(packages[0], spot)


def _told(repository: str, way: _Way) -> str:
    return f"{repository} with {way.package} ({way.spot.path}:{way.spot.start})"
