"""What a `composer.json` declares. Reference: https://getcomposer.org/doc/04-schema.md"""

import re
from collections.abc import Iterator

from devnexus.events.patterns_extracted import Dependency, Manifest
from devnexus.values import load_json
from extractor.manifests.json_lines import key_lines
from extractor.manifests.requirement import short

_GROUPS = {"require": "", "require-dev": "dev"}
# what has no slash is PHP itself or one of its extensions
_NAME = re.compile(r"[a-z0-9._-]{1,100}/[a-z0-9._-]{1,100}", re.ASCII)


def read_composer_json(text: str) -> Manifest:
    """The manifest; raises ValueError unless the text is one JSON object."""
    content = load_json(text.removeprefix("\ufeff"))
    if not isinstance(content, dict):
        raise ValueError("composer.json is not a JSON object")
    lines = key_lines(text, _GROUPS)
    name, description = content.get("name"), content.get("description")
    return Manifest(
        ecosystem="composer",
        name=_package(name) if isinstance(name, str) else None,
        description=description if isinstance(description, str) else None,
        dependencies=tuple(
            Dependency(
                name=package, requirement=short(wanted), group=group, line=lines.get((section, name), 1)
            )
            for section, group in _GROUPS.items()
            for name, package, wanted in _wanted(content.get(section))
        ),
    )


def _wanted(section: object) -> Iterator[tuple[str, str, str]]:
    for name, wanted in section.items() if isinstance(section, dict) else ():
        package = _package(name)
        if package and isinstance(wanted, str):
            yield name, package, wanted


def _package(name: str) -> str | None:
    """`name` as Packagist compares names, or None if it is none."""
    return name.lower() if _NAME.fullmatch(name.lower()) else None
