"""What people decided, as the messages of commits and the changes of dependencies tell it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from devnexus.events.patterns_extracted import Commit, Decision, DependencyChange, FileReading
from extractor.bots import is_bot
from extractor.dependency_changes import by_module, lowest_version
from extractor.messages import said, words_of
from extractor.roles import Role, role_of
from extractor.rule_set import RuleSet

_MOST = 20
_TITLE_CHARACTERS = 200


def decisions_of(
    commits: Sequence[Commit],
    bodies: Mapping[str, str],
    files: Iterable[FileReading],
    rules: RuleSet,
) -> tuple[Decision, ...]:
    """What the push as a whole decided, the surest first; at most 20, each once."""
    by_people = [commit for commit in commits if not is_bot(commit.author)]
    found: list[Decision] = []
    files = tuple(files)
    gone_or_come = come_or_gone(files)
    if by_people or not commits:
        found += _by_dependencies(files, rules)
    for commit in by_people:
        found += islice(said(commit, bodies.get(commit.sha, ""), gone_or_come), 1)
    first: dict[str, Decision] = {}
    for decision in sorted(found, key=lambda one: -one.confidence):
        first.setdefault(decision.title.casefold(), decision)
    return tuple(first.values())[:_MOST]


def come_or_gone(files: Iterable[FileReading]) -> frozenset[str]:
    """The words in the names of the packages and configuring files that the push brought or took away."""
    names: list[str] = []
    for file in files:
        names += [_name(one.purl) for one in file.dependency_changes if one.change in ("added", "removed")]
        if file.status in ("added", "removed") and role_of(file.path) in (Role.CI, Role.CONFIG):
            names.append(file.path)
    return frozenset(word for name in names for word in words_of(name))


def _by_dependencies(files: Iterable[FileReading], rules: RuleSet) -> Iterator[Decision]:
    changed = [
        (file.path, change)
        for file in files
        if role_of(file.path) in (Role.SOURCE, Role.CONFIG)
        for change in by_module(file.dependency_changes)
    ]
    yield from _swaps(changed, rules.purls)
    yield from _major_upgrades(changed, rules.purls)


def _swaps(
    changed: Sequence[tuple[str, DependencyChange]], speaks: Mapping[str, frozenset[str]]
) -> Iterator[Decision]:
    """One package of a rule removed and one of the same rule and ecosystem added: more would be a guess."""
    removed: dict[tuple[str, str], set[str]] = defaultdict(set)
    added: dict[tuple[str, str], dict[str, tuple[str, DependencyChange]]] = defaultdict(dict)
    moved = {change.purl for _, change in changed if change.change == "added"} & {
        change.purl for _, change in changed if change.change == "removed"
    }
    for path, change in changed:
        for rule in speaks.get(change.purl, ()) if change.purl not in moved else ():
            key = (rule, change.purl.split("/")[0])
            if change.change == "removed":
                removed[key].add(change.purl)
            elif change.change == "added":
                added[key].setdefault(change.purl, (path, change))
    for key in sorted(removed.keys() & added.keys()):
        if len(removed[key]) == len(added[key]) == 1:
            ((purl, (path, change)),) = added[key].items()
            title = f"Replaced {_name(next(iter(removed[key])))} with {_name(purl)}"
            yield _from_manifest("swap", title, 0.85, path, change)


def _major_upgrades(
    changed: Sequence[tuple[str, DependencyChange]], speaks: Mapping[str, frozenset[str]]
) -> Iterator[Decision]:
    for path, change in changed:
        old, new = lowest_version(change.before), lowest_version(change.after)
        if change.change == "upgraded" and change.purl in speaks and old and new and new[0] > old[0]:
            title = f"Upgraded {_name(change.purl)} from {old[0]} to {new[0]}"
            yield _from_manifest("major-upgrade", title, 0.7, path, change)


def _from_manifest(kind: str, title: str, confidence: float, path: str, change: DependencyChange) -> Decision:
    return Decision.model_validate(
        {
            "kind": kind,
            "title": title[:_TITLE_CHARACTERS],
            "confidence": confidence,
            "path": path,
            "line": change.line,
            "quote": f"{_name(change.purl)} {change.after}".strip()[:300],
        }
    )


def _name(purl: str) -> str:
    return purl.partition("/")[2].replace("%40", "@")
