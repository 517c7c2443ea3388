"""What a `package.json` declares."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from devnexus.events.patterns_extracted import Dependency, Manifest
from devnexus.values import load_json
from extractor.manifests.requirement import short

_GROUPS = {
    "dependencies": "",
    "devDependencies": "dev",
    "peerDependencies": "peer",
    "optionalDependencies": "optional",
}
_SECTION = re.compile(
    r'"(dependencies|devDependencies|peerDependencies|optionalDependencies)"\s*:\s*\{([^{}]*)\}'
)
_KEY = re.compile(r'"([^"\\\n]*)"\s*:')
_NAME = re.compile(r"(?:@[\w.~-]{1,100}/)?[\w.~-]{1,214}", re.ASCII)


def read_package_json(text: str) -> Manifest:
    """The manifest; raises ValueError unless the text is one JSON object."""
    content = load_json(text.removeprefix("\ufeff"))
    if not isinstance(content, dict):
        raise ValueError("package.json is not a JSON object")
    lines = _lines(text)
    name, description = content.get("name"), content.get("description")
    return Manifest(
        ecosystem="npm",
        name=name if isinstance(name, str) and _NAME.fullmatch(name) else None,
        description=description if isinstance(description, str) else None,
        dependencies=tuple(
            Dependency(name=name, requirement=short(wanted), group=group, line=lines.get((section, name), 1))
            for section, group in _GROUPS.items()
            for name, wanted in _wanted(content.get(section))
        ),
    )


def _wanted(section: object) -> Iterator[tuple[str, str]]:
    for name, wanted in section.items() if isinstance(section, dict) else ():
        if isinstance(wanted, str) and _NAME.fullmatch(name):
            yield name, wanted


def _lines(text: str) -> dict[tuple[str, str], int]:
    """Where each name stands in its section: JSON parsers give no lines."""
    ends = [match.start() for match in re.finditer("\n", text)]
    lines: dict[tuple[str, str], int] = {}
    for section in _SECTION.finditer(text):
        for key in _KEY.finditer(text, section.start(2), section.end(2)):
            lines.setdefault((section[1], key[1]), bisect_right(ends, key.start()) + 1)
    return lines
