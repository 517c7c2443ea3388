"""What a `pyproject.toml` declares: PEP 621, PEP 735 and Poetry's own tables."""

import tomllib
from collections.abc import Iterator, Mapping

from devnexus.events.patterns_extracted import Dependency, Manifest
from extractor.manifests.requirement import python_dependency, short, valid_python_name
from extractor.manifests.toml_lines import TomlLines
from extractor.regex import compile_regex

# tomllib's time is quadratic in the parts of a dotted key; nobody writes 64 of them
_ABSURD_KEY = compile_regex(r"(?:^|[\[{,])[ \t]*(?:(?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*')[ \t]*\.[ \t]*){64}")

Table = Mapping[str, object]


def read_pyproject(text: str) -> Manifest | None:
    """The manifest, or None where the file only configures tools; raises ValueError if malformed."""
    if _ABSURD_KEY.found_in(text):
        raise ValueError("a key has more than 64 parts")
    try:
        content: Table = tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("TOML is nested too deeply") from error
    project, poetry = _table(content, "project"), _table(content, "tool", "poetry")
    lines = TomlLines(text)
    dependencies = (*_standard(content, lines), *_poetry(poetry, lines))
    if not (project or poetry or dependencies):
        return None
    return Manifest(
        ecosystem="pypi",
        name=valid_python_name(_text(project, "name") or _text(poetry, "name")),
        description=_text(project, "description") or _text(poetry, "description"),
        dependencies=dependencies,
    )


def _standard(content: Table, lines: TomlLines) -> Iterator[Dependency]:
    yield from _listed(_table(content, "project").get("dependencies"), "", lines, "project", "dependencies")
    for table in (("project", "optional-dependencies"), ("dependency-groups",)):
        for group, wanted in _table(content, *table).items():
            yield from _listed(wanted, group, lines, *table, group)


def _listed(wanted: object, group: str, lines: TomlLines, *path: str) -> Iterator[Dependency]:
    for text in wanted if isinstance(wanted, list) else ():
        if isinstance(text, str):
            found = python_dependency(text, group=group, line=lines.of_string(text, *path))
            if found:
                yield found


def _poetry(poetry: Table, lines: TomlLines) -> Iterator[Dependency]:
    tables: dict[tuple[str, ...], str] = {("dependencies",): "", ("dev-dependencies",): "dev"}
    tables |= {("group", group, "dependencies"): group for group in _table(poetry, "group")}
    for table, group in tables.items():
        for name, wanted in _table(poetry, *table).items():
            normal = valid_python_name(name)
            if normal and normal != "python":
                line = lines.of_key("tool", "poetry", *table, name)
                yield Dependency(name=normal, requirement=_version(wanted), group=group[:50], line=line)


def _version(wanted: object) -> str:
    if isinstance(wanted, str):
        return short(wanted)
    return short(_text(wanted, "version") or "") if isinstance(wanted, dict) else ""


def _table(content: Table, *path: str) -> Table:
    """The table under `path`; an empty one where it is missing or something else."""
    found: object = content
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _text(table: Table, key: str) -> str | None:
    value = table.get(key)
    return value if isinstance(value, str) and value else None
