"""Who owns which paths, as a CODEOWNERS file says.

Syntax: https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

import re
from collections.abc import Iterator

from devnexus.events.patterns_extracted import OwnerRule
from extractor.evidence import lines_of

_PLACES = frozenset({"CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS"})
_LARGEST = 3_000_000
"""Characters: GitHub loads no larger file."""
_MOST = 5000
_WORD = re.compile(r"(?:\\.|[^\s\\])+")
_OWNER = re.compile(
    r"@[\w.-]{1,100}(?:/[\w.-]{1,100})?|[\w.+-]{1,100}@[\w-]{1,100}(?:\.[\w-]{1,100}){1,5}", re.ASCII
)
_NOT_SUPPORTED = re.compile(r"^!|\[|^\\#")


def owner_rules(path: str, text: str) -> tuple[OwnerRule, ...]:
    """The rules in a CODEOWNERS file, in its order; a line that GitHub would not take is left out."""
    if path not in _PLACES or len(text) > _LARGEST:
        return ()
    return tuple(_rules(text))[:_MOST]


def _rules(text: str) -> Iterator[OwnerRule]:
    for number, line in enumerate(lines_of(text), 1):
        words = _WORD.findall(line[:2000])
        comment = next((at for at, word in enumerate(words) if word.startswith("#")), len(words))
        pattern, *owners = words[:comment] or [""]
        if pattern and not _NOT_SUPPORTED.search(pattern) and all(map(_OWNER.fullmatch, owners)):
            yield OwnerRule(pattern=pattern.replace("\\ ", " "), owners=tuple(owners[:50]), line=number)
