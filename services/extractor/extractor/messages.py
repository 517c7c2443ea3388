"""What the message of a commit decides.

Conventional Commits: https://www.conventionalcommits.org/en/v1.0.0
"""

import re
from collections.abc import Iterator

from devnexus.events.patterns_extracted import Commit, Decision

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
_SWITCH = re.compile(
    rf"\b(?:switch|migrat)(?:e|ed|es|ing)?(?: \w+){{0,3}}? from {_THING} to {_THING}{_END}", re.IGNORECASE
)
_MAYBE_SWITCHES = tuple(
    re.compile(rf"\b{words}{_END}", re.IGNORECASE)
    for words in (
        rf"(?:mov|chang|convert)(?:e|ed|es|ing) from {_THING} to {_THING}",
        rf"replac(?:e|ed|es|ing) {_THING} (?:with|by) {_THING}",
        rf"(?:use|using|prefer|adopt) {_THING} (?:instead of|over|rather than) {_THING}",
    )
)
"""As often said of two functions as of two technologies: only what comes and goes with it tells which."""

_DROPPED = re.compile(
    r"\b(?:drop|drops|dropped|dropping|remove|removed|end) (?:the )?support (?:for|of)"
    r" (\w[\w.+#/ ,<>=-]{1,60})",
    re.IGNORECASE,
)
_AFTER_WHAT_WAS_DROPPED = re.compile(r",? (?:and (?!v?\d)|-|(?:in|by|closes|fixes|see)\b)")
_MENDS = re.compile(r"^(?:bug)?fix(?:e[ds])?\b|^#\d+", re.IGNORECASE)
_NO_DECISION = re.compile(
    r"^(?:merge\b|revert\b|fixup!|squash!|bump\b|release\b|version\b|wip\b)|\btypo|\brename"
    r"|^(?:docs?|tests?|style|examples?)\b[^:\n]{0,30}:|^[\w\[\]# -]{0,20}\w+\((?:tests?|docs?)\)"
    r"|\breadme\b|\bbadges?\b|\.(?:md|rst)\b",
    re.IGNORECASE,
)
_PROPER = re.compile(r"[A-Z\d-]")
_FILE_OR_CODE = re.compile(
    r"^\w+\.\w{2,}|^[a-z]+[A-Z]|:|(?:[A-Z][a-z]+){3}|\.\w{1,5}$|/|::|^_|_$|^\d|\(|^[a-z]+_\w+$|^#"
)
_LETTERS = re.compile(r"[^\W_]+")
_STEM = 4
_NOTHING_IN_PARTICULAR = frozenset(
    "a an the it its this that these those them their our your my some all more other new old own same one"
    " true false none null string strings value values name names list function class method code file files"
    " json yaml yml toml xml config github com org types core"
    " line lines test tests variable constant default x y here there master main".split()
)


def said(commit: Commit, body: str, come_or_gone: frozenset[str]) -> Iterator[Decision]:
    """What the message of a commit decides, the surest first.

    `come_or_gone` are words, as `words_of` gives them, in the names of what came or went with it.
    """
    subject = commit.message
    if _NO_DECISION.search(subject):
        return
    breaking = _BREAKING_SUBJECT.match(subject)
    footer = _BREAKING_FOOTER.search(body)
    if breaking or footer:
        title = breaking[1] if breaking else footer[1] if footer else ""
        quote = subject if breaking else footer[0] if footer else ""
        yield _from_message(commit, "breaking-change", title, 0.8, quote)
    if dropped := _DROPPED.search(subject):
        what = _AFTER_WHAT_WAS_DROPPED.split(dropped[1])[0].strip(" .,")
        yield _from_message(commit, "dropped-support", f"Dropped support for {what}", 0.6, subject)
    if not _MENDS.search(subject) and _tells_of_a_switch(subject, come_or_gone):
        yield _from_message(commit, "switch", subject, 0.6, subject)


def _tells_of_a_switch(subject: str, come_or_gone: frozenset[str]) -> bool:
    if (match := _SWITCH.search(subject)) and _is_switch(match):
        return True
    return any(
        _is_switch(match)
        and any(_is_among(word, come_or_gone) for word in words_of(" ".join(match.groups())))
        for pattern in _MAYBE_SWITCHES
        if (match := pattern.search(subject))
    )


def _is_among(word: str, others: frozenset[str]) -> bool:
    """Whether it is one of them, or begins like one, as TravisCI like travis."""
    return word in others or any(word[:length] in others for length in range(_STEM, len(word)))


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


def words_of(text: str) -> set[str]:
    """The words in a name that tell it from others."""
    return set(_LETTERS.findall(text.casefold())) - _NOTHING_IN_PARTICULAR
