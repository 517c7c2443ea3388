"""Packages that two of the repositories need to run, a major version apart."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from devnexus.knowledge.projection import DeclaredDependency, Projection
from devnexus_cli.first_look.remark import Remark, Spot

_ONE_MAJOR = re.compile(
    r"(?:==|~=|\^|~|=)? ?v?([0-9]{1,4})\.([0-9]{1,4})(?:\.[0-9A-Za-z.+-]{0,40})?", re.ASCII
)
"""A requirement that one major version fulfils; a lower bound alone says nothing of what is installed."""

_LONGEST = 100

_Package = tuple[str, str]


def versions_apart(projections: Sequence[Projection]) -> Iterator[Remark]:
    """One remark for each two repositories of which one is behind, about the package furthest apart."""
    needed = {one.repository_id: _pinned(one) for one in projections}
    for here, there in combinations(projections, 2):
        ours, theirs = needed[here.repository_id], needed[there.repository_id]
        apart = [
            (ours[package], theirs[package])
            for package in sorted(ours.keys() & theirs.keys())
            if _major(ours[package]) != _major(theirs[package])
        ]
        if apart:
            yield _remark(here, there, sorted(apart, key=_distance, reverse=True))


def _remark(
    here: Projection, there: Projection, apart: Sequence[tuple[DeclaredDependency, DeclaredDependency]]
) -> Remark:
    ours, theirs = apart[0]
    further = len(apart) - 1
    released = sum(_is_released(one) for pair in apart for one in pair) // 2
    more = (
        f"; {further} more shared {'package is' if further == 1 else 'packages are'} apart" if further else ""
    )
    return Remark(
        kind="version",
        worth=round(min(0.45 + 0.05 * released, 0.65), 3),
        text=(
            f"{here.repository_name} asks for {ours.name} {ours.requirement} ({ours.path}:{ours.line}), "
            f"{there.repository_name} for {theirs.requirement} ({theirs.path}:{theirs.line}){more}"
        ),
        repository=here.repository_name,
        here=_spot(here, ours),
        sister=_spot(there, theirs),
    )


def _pinned(projection: Projection) -> Mapping[_Package, DeclaredDependency]:
    return {
        (one.ecosystem, one.name): one
        for one in projection.declared_dependencies
        if not one.group and _major(one)
    }


def _distance(pair: tuple[DeclaredDependency, DeclaredDependency]) -> int:
    ours, theirs = (int(_major(one)[0]) for one in pair)
    return abs(ours - theirs)


def _is_released(one: DeclaredDependency) -> bool:
    return _major(one)[0] != "0"


def _major(one: DeclaredDependency) -> tuple[str, ...]:
    """What has to change for the package to break its users: before 1.0 that is the second number too.

    Not so in Go, whose modules carry their major version in their name.
    """
    match = _ONE_MAJOR.fullmatch(one.requirement.strip()[:_LONGEST])
    if match is None or one.ecosystem == "golang":
        return ()
    return match.groups() if match[1] == "0" else (match[1],)


def _spot(projection: Projection, one: DeclaredDependency) -> Spot:
    return Spot(repository=projection.repository_name, path=one.path, start=one.line, end=one.line)
