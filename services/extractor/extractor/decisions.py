"""What people decided, as the messages of commits and the changes of dependencies tell it.

Conventional Commits: https://www.conventionalcommits.org/en/v1.0.0
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from devnexus.events.patterns_extracted import Commit, Decision, DependencyChange, FileReading
from extractor.bots import is_bot
from extractor.dependency_changes import lowest_version
from extractor.rule_set import RuleSet

_MOST = 20
_TITLE_CHARACTERS = 200

_BREAKING_SUBJECT = re.compile(
    r"(?:feat|fix|refactor|perf|build|chore|ci|docs|style|test|deps)(?:\([^()\n]{1,60}\))?!:\s*(\S[^\n]*)",
    re.IGNORECASE,
)
_BREAKING_FOOTER = re.compile(
    r"^BREAKING[ -]CHANGE:[ \t]*(\S[^\n]*(?:\n[ \t]*[^\s*#-][^\n]*){0,3})", re.MULTILINE
)
_WORD = r"[\w@+#][\w@.+#/-]{0,40}"
_THING = rf"({_WORD}(?: {_WORD}){{0,2}}?)"
_END = (
    r"(?=$| \(|[.,;:()!]"
    r"| (?:for|in|when|on|to|as|and|because|everywhere|across|at|by|during|if|so|via|from)\b)"
)
_SWITCHES = tuple(
    re.compile(rf"\b{words}{_END}", re.IGNORECASE)
    for words in (
        rf"(?:switch|migrat)(?:e|ed|es|ing)?(?: \w+){{0,3}}? from {_THING} to {_THING}",
        rf"(?:mov|chang|convert)(?:e|ed|es|ing) from {_THING} to {_THING}",
        rf"replac(?:e|ed|es|ing) {_THING} (?:with|by) {_THING}",
        rf"(?:use|using|prefer|adopt) {_THING} (?:instead of|over|rather than) {_THING}",
    )
)
_DROPPED = re.compile(
    r"\b(?:drop|drops|dropped|dropping|remove|removed|end) (?:the )?support (?:for|of) (\w[\w.+#/ ,-]{1,60})",
    re.IGNORECASE,
)
_NO_DECISION = re.compile(
    r"^(?:merge\b|revert\b|fixup!|squash!|bump\b|release\b|version\b|wip\b)|\btypo|\brename"
    r"|^(?:docs?|tests?|style|examples?)\b[^:\n]{0,30}:|^[\w\[\]# -]{0,20}\w+\((?:tests?|docs?)\)",
    re.IGNORECASE,
)
_PROPER = re.compile(r"[A-Z\d-]")
_FILE_OR_CODE = re.compile(
    r"^\w+\.\w{2,}|^[a-z]+[A-Z]|:|(?:[A-Z][a-z]+){3}|\.\w{1,5}$|/|::|^_|_$|^\d|\(|^[a-z]+_\w+$|^#"
)
_NOTHING_IN_PARTICULAR = frozenset(
    "a an the it its this that these those them their our your my some all more other new old own same one"
    " true false none null string strings value values name names list function class method code file files"
    " line lines test tests variable constant default x y here there master main".split()
)


def decisions_of(
    commits: Sequence[Commit],
    bodies: Mapping[str, str],
    files: Iterable[FileReading],
    rules: RuleSet,
) -> tuple[Decision, ...]:
    """What the push as a whole decided, the surest first; at most 20, each once."""
    by_people = [commit for commit in commits if not is_bot(commit.author)]
    found: list[Decision] = []
    if by_people or not commits:
        found += _by_dependencies(files, rules)
    for commit in by_people:
        if not _NO_DECISION.search(commit.message):
            found += islice(_said(commit, bodies.get(commit.sha, "")), 1)
    first: dict[str, Decision] = {}
    for decision in sorted(found, key=lambda one: -one.confidence):
        first.setdefault(decision.title.casefold(), decision)
    return tuple(first.values())[:_MOST]


def _said(commit: Commit, body: str) -> Iterator[Decision]:
    """What the message of one commit decides, the surest first."""
    subject = commit.message
    breaking = _BREAKING_SUBJECT.match(subject)
    footer = _BREAKING_FOOTER.search(body)
    if breaking or footer:
        title = breaking[1] if breaking else footer[1] if footer else ""
        quote = subject if breaking else footer[0] if footer else ""
        yield _from_message(commit, "breaking-change", title, 0.8, quote)
    if dropped := _DROPPED.search(subject):
        what = re.split(r" (?:and|-|in|from|by)\b", dropped[1])[0].strip(" .,")
        yield _from_message(commit, "dropped-support", f"Dropped support for {what}", 0.6, subject)
    if any(_is_switch(match) for pattern in _SWITCHES if (match := pattern.search(subject))):
        yield _from_message(commit, "switch", subject, 0.6, subject)


def _is_switch(match: re.Match[str]) -> bool:
    """Whether the match tells of two different things of which one at least has a name of its own."""
    old, new = match[1].casefold(), match[2].casefold()
    is_named = any(_PROPER.search(thing) for thing in match.groups()) or match[0].casefold().startswith(
        "migrat"
    )
    return is_named and old != new and all(_is_something(thing) for thing in match.groups())


def _is_something(thing: str) -> bool:
    """Whether the words name a technology or a way of doing things rather than a file or a piece of code."""
    words = thing.casefold().split()
    if any(_FILE_OR_CODE.search(word) for word in thing.split()):
        return False
    return not all(word in _NOTHING_IN_PARTICULAR or len(word) < 2 for word in words)


def _from_message(commit: Commit, kind: str, title: str, confidence: float, quote: str) -> Decision:
    return Decision.model_validate(
        {
            "kind": kind,
            "title": " ".join(title.split())[:_TITLE_CHARACTERS] or kind,
            "confidence": confidence,
            "commit": commit.sha,
            "quote": quote.strip()[:300],
        }
    )


def _by_dependencies(files: Iterable[FileReading], rules: RuleSet) -> Iterator[Decision]:
    changed = [(file.path, change) for file in files for change in file.dependency_changes]
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
