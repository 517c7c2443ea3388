"""What npm's and Composer's manifests have in common: JSON, with a flat object for each group of packages."""

from collections.abc import Callable, Iterator, Mapping

from devnexus.events.patterns_extracted import Dependency, Ecosystem, Manifest
from devnexus.values import load_json
from extractor.manifests.json_lines import key_lines
from extractor.manifests.requirement import short

PackageName = Callable[[str], str | None]
"""The name as its registry compares names, None where it is none."""


def read_json_manifest(
    text: str, *, ecosystem: Ecosystem, groups: Mapping[str, str], package: PackageName
) -> Manifest:
    """The manifest; `groups` are its sections. Raises ValueError unless the text is one JSON object."""
    content = load_json(text.removeprefix("\ufeff"))
    if not isinstance(content, dict):
        raise ValueError("the manifest is not a JSON object")
    lines = key_lines(text, groups)
    name, description = content.get("name"), content.get("description")
    return Manifest(
        ecosystem=ecosystem,
        name=package(name) if isinstance(name, str) else None,
        description=description if isinstance(description, str) else None,
        is_private=content.get("private") is True,
        dependencies=tuple(
            Dependency(
                name=found, requirement=short(wanted), group=group, line=lines.get((section, written), 1)
            )
            for section, group in groups.items()
            for written, found, wanted in _wanted(content.get(section), package)
        ),
    )


def _wanted(section: object, package: PackageName) -> Iterator[tuple[str, str, str]]:
    for written, wanted in section.items() if isinstance(section, dict) else ():
        found = package(written)
        if found and isinstance(wanted, str):
            yield written, found, wanted
