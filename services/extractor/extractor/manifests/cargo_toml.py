"""What a `Cargo.toml` declares. Reference: https://doc.rust-lang.org/cargo/reference/manifest.html"""

import re
from collections.abc import Iterator

from devnexus.events.patterns_extracted import Dependency, Manifest
from extractor.manifests.requirement import short
from extractor.manifests.toml_lines import TomlLines
from extractor.manifests.toml_tables import Table, load_toml, table, text_of

_TABLES = {"dependencies": "", "dev-dependencies": "dev", "build-dependencies": "build"}
_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)


def read_cargo_toml(text: str) -> Manifest | None:
    """The manifest, or None where the file declares no package and asks for none; ValueError if malformed."""
    content = load_toml(text)
    package, lines = table(content, "package"), TomlLines(text)
    dependencies = tuple(_dependencies(content, lines))
    if not package and not dependencies:
        return None
    name = text_of(package, "name")
    return Manifest(
        ecosystem="cargo",
        name=name if name and _NAME.fullmatch(name) else None,
        description=text_of(package, "description"),
        is_private=package.get("publish") in (False, []),
        dependencies=dependencies,
    )


def _dependencies(content: Table, lines: TomlLines) -> Iterator[Dependency]:
    places: list[tuple[tuple[str, ...], str]] = [((name,), group) for name, group in _TABLES.items()]
    places.append((("workspace", "dependencies"), ""))
    for target in table(content, "target"):
        places += [(("target", target, name), group) for name, group in _TABLES.items()]
    for path, group in places:
        for key, wanted in table(content, *path).items():
            name = (text_of(wanted, "package") if isinstance(wanted, dict) else None) or key
            if _NAME.fullmatch(name):
                yield Dependency(
                    name=name, requirement=_version(wanted), group=group, line=lines.of_key(*path, key)
                )


def _version(wanted: object) -> str:
    if isinstance(wanted, dict):
        wanted = wanted.get("version")
    return short(wanted) if isinstance(wanted, str) else ""
