"""What a `go.mod` declares. Reference: https://go.dev/ref/mod#go-mod-file"""

import re
from collections.abc import Iterator

from devnexus.events.patterns_extracted import Dependency, Manifest
from extractor.evidence import lines_of
from extractor.manifests.requirement import short

_MODULE_PATH = re.compile(r"[\w.~!/-]{1,300}", re.ASCII)


def read_go_mod(text: str) -> Manifest:
    """The manifest; raises ValueError if no module line names it."""
    statements = list(_statements(text))
    name = next((words[1] for words, _, _ in statements if words[0] == "module" and len(words) > 1), None)
    if name is None or not _MODULE_PATH.fullmatch(name):
        raise ValueError("go.mod has no module line")
    return Manifest(
        ecosystem="golang",
        name=name,
        dependencies=tuple(
            Dependency(
                name=words[1],
                requirement=short(words[2]),
                group="indirect" if comment.startswith("indirect") else "",
                line=line,
            )
            for words, comment, line in statements
            if words[0] == "require" and len(words) == 3 and _MODULE_PATH.fullmatch(words[1])
        ),
    )


def _statements(text: str) -> Iterator[tuple[list[str], str, int]]:
    """Each statement's words with the verb of its block first, its comment, and its line."""
    block = ""
    for number, line in enumerate(lines_of(text), 1):
        code, _, comment = line.partition("//")
        words = [word.strip('"`') for word in code.split()]
        if words[1:] == ["("]:
            block = words[0]
        elif words == [")"]:
            block = ""
        elif words:
            yield [block, *words] if block else words, comment.strip(), number
