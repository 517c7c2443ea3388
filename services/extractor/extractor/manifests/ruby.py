"""What a `Gemfile` or a `*.gemspec` declares as literals; nothing is executed.

References: https://bundler.io/man/gemfile.5.html and https://guides.rubygems.org/specification-reference/
"""

import re
from collections.abc import Iterator

from devnexus.events.patterns_extracted import Dependency, Manifest
from extractor.evidence import lines_of
from extractor.manifests.requirement import short

_LITERAL = r"[\"']([^\"'\n]{0,200})[\"']"
_GEM = re.compile(rf"\s*gem[ (]\s*[\"']([\w.-]{{1,100}})[\"'](?:\s*,\s*{_LITERAL})?(.*)")
_NEEDED = re.compile(
    r"\s*\w{1,30}\.add_(runtime_|development_)?dependency[ (]\s*"
    rf"[\"']([\w.-]{{1,100}})[\"'](?:\s*,\s*{_LITERAL})?"
)
_GROUP = re.compile(r"\s*group\b([^\n]{0,200})\bdo\b")
_IN_LINE_GROUP = re.compile(r"\bgroups?(?::| =>)\s*\[?\s*:(\w{1,30})")
_SYMBOL = re.compile(r":(\w{1,30})")
_SAID = re.compile(rf"\s*\w{{1,30}}\.(name|summary)\s*=\s*{_LITERAL}")
_OPENS = re.compile(r"\bdo\b(?:\s*\|[^|]*\|)?\s*(?:#.*)?$|^\s*(?:if|unless|case|begin|def|class|module)\b")
_LONGEST_LINE = 1000


def read_gemfile(text: str) -> Manifest | None:
    """The gems that a Gemfile asks for, with their groups; None where there are none."""
    found = tuple(_gems(text))
    return Manifest(ecosystem="gem", dependencies=found) if found else None


def read_gemspec(text: str) -> Manifest:
    """The gem that a gemspec describes, as far as it says so in literals."""
    said: dict[str, str] = {}
    found: list[Dependency] = []
    for number, line in _short_lines(text):
        if about := _SAID.match(line):
            said.setdefault(about[1], about[2])
        elif needed := _NEEDED.match(line):
            group = "dev" if needed[1] == "development_" else ""
            found.append(
                Dependency(name=needed[2], requirement=short(needed[3] or ""), group=group, line=number)
            )
    name = said.get("name", "")
    return Manifest(
        ecosystem="gem",
        name=name if re.fullmatch(r"[\w.-]{1,100}", name) else None,
        description=said.get("summary"),
        dependencies=tuple(found),
    )


def _gems(text: str) -> Iterator[Dependency]:
    blocks: list[str] = []
    for number, line in _short_lines(text):
        if gem := _GEM.match(line):
            inline = _IN_LINE_GROUP.search(gem[3])
            group = inline[1] if inline else next((name for name in reversed(blocks) if name), "")
            yield Dependency(name=gem[1], requirement=short(gem[2] or ""), group=group, line=number)
        elif _OPENS.search(line):
            opened = _GROUP.match(line)
            symbol = _SYMBOL.search(opened[1]) if opened else None
            blocks.append(symbol[1] if symbol else "")
        elif line.strip() == "end" and blocks:
            blocks.pop()


def _short_lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines_of(text), 1):
        if len(line) <= _LONGEST_LINE:
            yield number, line
