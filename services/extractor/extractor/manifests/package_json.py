"""What a `package.json` declares."""

import re
from collections.abc import Iterator

from devnexus.events.patterns_extracted import Dependency, Manifest
from devnexus.values import load_json
from extractor.manifests.json_lines import key_lines
from extractor.manifests.requirement import short

_GROUPS = {
    "dependencies": "",
    "devDependencies": "dev",
    "peerDependencies": "peer",
    "optionalDependencies": "optional",
}
_NAME = re.compile(r"(?:@[\w.~-]{1,100}/)?[\w.~-]{1,214}", re.ASCII)


def read_package_json(text: str) -> Manifest:
    """The manifest; raises ValueError unless the text is one JSON object."""
    content = load_json(text.removeprefix("\ufeff"))
    if not isinstance(content, dict):
        raise ValueError("package.json is not a JSON object")
    lines = key_lines(text, _GROUPS)
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
