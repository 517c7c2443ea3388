"""What became of each package that a manifest asks for, from the whole old manifest to the whole new one."""

import re
from collections.abc import Mapping
from typing import Literal

from devnexus.events.patterns_extracted import Dependency, DependencyChange, Manifest
from devnexus.package_url import package_url

_VERSION = re.compile(r"\d{1,9}(?:\.\d{1,9}){0,5}")
_INDIRECT = "indirect"

Version = tuple[int, ...]


def dependency_changes(old: Manifest | None, new: Manifest | None) -> tuple[DependencyChange, ...]:
    """One change per package and group, in order of package; none for what others brought along."""
    manifest = new or old
    if manifest is None:
        return ()
    before, after = _asked(old), _asked(new)
    changes = []
    for name, group in sorted(before.keys() | after.keys()):
        one, other = before.get((name, group)), after.get((name, group))
        if one is None or other is None or one.requirement != other.requirement:
            changes.append(
                DependencyChange(
                    change=_kind(one, other),
                    purl=package_url(manifest.ecosystem, name),
                    before=one.requirement if one else "",
                    after=other.requirement if other else "",
                    group=group,
                    line=other.line if other else None,
                )
            )
    return tuple(changes)


def lowest_version(requirement: str) -> Version | None:
    """The first version that a requirement names, in numbers; None where it names none."""
    match = _VERSION.search(requirement)
    return tuple(map(int, match[0].split("."))) if match else None


def _asked(manifest: Manifest | None) -> Mapping[tuple[str, str], Dependency]:
    asked: dict[tuple[str, str], Dependency] = {}
    for dependency in manifest.dependencies if manifest else ():
        if dependency.group != _INDIRECT:
            asked.setdefault((dependency.name, dependency.group), dependency)
    return asked


def _kind(
    before: Dependency | None, after: Dependency | None
) -> Literal["added", "removed", "upgraded", "downgraded", "changed"]:
    if before is None:
        return "added"
    if after is None:
        return "removed"
    old, new = lowest_version(before.requirement), lowest_version(after.requirement)
    if old is None or new is None or _same(old, new):
        return "changed"
    return "upgraded" if new > old else "downgraded"


def _same(one: Version, other: Version) -> bool:
    """Whether two versions differ at most in zeros at their end."""
    length = max(len(one), len(other))
    return one + (0,) * (length - len(one)) == other + (0,) * (length - len(other))
