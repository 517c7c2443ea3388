"""What became of each package that a manifest asks for, from the whole old manifest to the whole new one."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from devnexus.events.patterns_extracted import Dependency, DependencyChange, Manifest
from devnexus.package_url import package_url, without_major_version

_VERSION = re.compile(r"\d{1,9}(?:\.\d{1,9}){0,5}")
_INDIRECT = "indirect"
_GO = "pkg:golang/"

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


def by_module(changes: Iterable[DependencyChange]) -> Iterator[DependencyChange]:
    """`changes`, of Go's modules as of other packages: a new major version is an upgrade, no new name."""
    named: dict[tuple[str, str], list[DependencyChange]] = defaultdict(list)
    for change in changes:
        purl = without_major_version(change.purl) if change.purl.startswith(_GO) else change.purl
        named[purl, change.group].append(change.model_copy(update={"purl": purl}))
    for some in named.values():
        by_kind = {change.change: change for change in some}
        gone, come = by_kind.get("removed"), by_kind.get("added")
        if gone and come and len(some) == 2:
            kind = _direction(gone.before, come.after)
            yield come.model_copy(update={"change": kind, "before": gone.before})
        else:
            yield from some


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
    return _direction(before.requirement, after.requirement)


def _direction(before: str, after: str) -> Literal["upgraded", "downgraded", "changed"]:
    old, new = lowest_version(before), lowest_version(after)
    if old is None or new is None or _same(old, new):
        return "changed"
    return "upgraded" if new > old else "downgraded"


def _same(one: Version, other: Version) -> bool:
    """Whether two versions differ at most in zeros at their end."""
    length = max(len(one), len(other))
    return one + (0,) * (length - len(one)) == other + (0,) * (length - len(other))
