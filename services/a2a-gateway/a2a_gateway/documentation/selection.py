"""Which files are looked at, and how much each matters."""

import re
from collections.abc import Collection, Iterable, Sequence

from a2a_gateway.documentation.standards import severity_of
from devnexus.people.documentation import RuleSet, Severity
from devnexus.people.globs import names_path

SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")

_PROSE = (".md", ".markdown", ".mdx", ".rst", ".adoc", ".asciidoc")
_LICENCE = re.compile(r"(.*/)?((mit-)?licen[sc]e|copying|unlicense)[^/]*", re.IGNORECASE)

_TOLD_ONCE = re.compile(
    r"(^|/)(change-?log|changes|history|whats-?new|news|releases?|upgrading|migrat\w+)[^/]*$"
    r"|(^|/)(adrs?|decisions|history|releases|changes)/",
    re.IGNORECASE,
)
"""Documents of how something was at a time: they are not to follow the code."""


def is_licence(path: str) -> bool:
    """Whether it is called like the text of a licence, which is no documentation."""
    return _LICENCE.fullmatch(path) is not None


def is_document(path: str) -> bool:
    """Whether it is written for people to read."""
    return path.lower().endswith(_PROSE)


def is_told_once(path: str) -> bool:
    """Whether it is a change log, a record of a decision or the like."""
    return _TOLD_ONCE.search(path) is not None


def matching(globs: Iterable[str], paths: Collection[str]) -> list[str]:
    """The paths that one of these globs means, whatever their case, in the order of the globs."""
    lowered = {path.lower(): path for path in sorted(paths, reverse=True)}
    at_root = [path for path in sorted(lowered) if "/" not in path]
    found: dict[str, None] = {}
    for glob in (glob.lower() for glob in globs):
        if not set(glob) & set("*?["):
            candidates: Iterable[str] = [glob] if glob in lowered else []
        else:
            candidates = at_root if "/" not in glob else sorted(lowered)
        found |= {lowered[path]: None for path in candidates if names_path([glob], path)}
    return [*found]


def main_documents(rules: RuleSet, paths: Collection[str]) -> dict[str, Severity]:
    """The files that a rule set names, and how much they matter, those that matter most first."""
    found: dict[str, Severity] = {}
    for severity in SEVERITIES:
        named = [
            *rules.documents.get(severity, ()),
            *(
                glob
                for rule in rules.rules
                if rule.exists and severity_of(rule) == severity
                for glob in rule.exists.any_of
            ),
        ]
        found |= {path: severity for path in matching(named, paths) if path not in found}
    return {path: found[path] for path in found if not _ignored(path, rules.ignore)}


def all_documents(rules: RuleSet, paths: Collection[str]) -> dict[str, Severity]:
    """The main documents, then every other one: those below docs/ matter more than the rest."""
    main = main_documents(rules, paths)
    others = sorted(
        (path for path in paths if is_document(path) and path not in main),
        key=lambda path: (path.count("/"), path),
    )
    rest = (path for path in others if not _ignored(path, rules.ignore))
    return {**main, **{path: _priority(path) for path in rest}}


def in_scope(globs: Sequence[str] | None, documents: Iterable[str]) -> list[str]:
    """The documents that a rule is about: those that it names, or all but the text of a licence."""
    if globs is None:
        return [path for path in documents if not is_licence(path)]
    lowered = [glob.lower() for glob in globs]
    return [path for path in documents if names_path(lowered, path.lower())]


def _priority(path: str) -> Severity:
    return "medium" if path.lower().startswith(("docs/", "doc/", "documentation/")) else "low"


def _ignored(path: str, globs: Iterable[str]) -> bool:
    return names_path(globs, path)
