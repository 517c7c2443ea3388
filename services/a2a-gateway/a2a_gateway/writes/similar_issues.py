"""Issues like one that is being reported."""

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from a2a_gateway.knowledge.reading import Reading
from devnexus.knowledge.known_issues import Trouble

_SHOWN = 5
_READ = 2000
_COMPARED = 500
"""So many of the newest issues of the type are compared."""
_SHARED = 0.5
"""The part of the words of the shorter text that both must have."""

_WORD = re.compile(r"[a-z_]{3,}")


def similar_issues(issue_type: str, pattern: str, text: str, knowledge: Reading) -> Sequence[Trouble]:
    """At most 5 of the same type, the newest first, that name the same pattern or, where none is named,
    share most of their words. What was no issue after all is none of them."""
    issues = knowledge.issues
    found: Iterable[Trouble]
    if pattern:
        found = issues.matching({"issue_type": issue_type}, issues.named(pattern))
    else:
        words = _words(text[:_READ])
        newest = issues.matching({"issue_type": issue_type})[:_COMPARED]
        found = (one for one in newest if _is_alike(words, _words(_text(one))))
    return list(islice((one for one in found if one.issue.status != "false_positive"), _SHOWN))


def _text(trouble: Trouble) -> str:
    return f"{trouble.issue.root_cause or ''} {trouble.issue.logs or ''}"[:_READ]


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _is_alike(here: set[str], there: set[str]) -> bool:
    return len(here & there) >= max(2, _SHARED * min(len(here), len(there)))
