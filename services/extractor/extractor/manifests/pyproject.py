"""What a `pyproject.toml` declares: PEP 621, PEP 735 and Poetry's own tables."""

from collections.abc import Iterator

from devnexus.events.patterns_extracted import Dependency, Manifest
from extractor.manifests.requirement import python_dependency, short, valid_python_name
from extractor.manifests.toml_lines import TomlLines
from extractor.manifests.toml_tables import Table, load_toml, table, text_of


def read_pyproject(text: str) -> Manifest | None:
    """The manifest, or None where the file only configures tools; raises ValueError if malformed."""
    content = load_toml(text)
    project, poetry = table(content, "project"), table(content, "tool", "poetry")
    lines = TomlLines(text)
    dependencies = (*_standard(content, lines), *_poetry(poetry, lines))
    if not (project or poetry or dependencies):
        return None
    return Manifest(
        ecosystem="pypi",
        name=valid_python_name(text_of(project, "name") or text_of(poetry, "name")),
        description=text_of(project, "description") or text_of(poetry, "description"),
        is_private=_is_no_package(content),
        dependencies=dependencies,
    )


def _is_no_package(content: Table) -> bool:
    """Whether nothing is built of it; the classifier `Private ::` only keeps it from one index."""
    poetry, uv = table(content, "tool", "poetry"), table(content, "tool", "uv")
    return poetry.get("package-mode") is False or uv.get("package") is False


def _standard(content: Table, lines: TomlLines) -> Iterator[Dependency]:
    yield from _listed(table(content, "project").get("dependencies"), "", lines, "project", "dependencies")
    for path in (("project", "optional-dependencies"), ("dependency-groups",)):
        for group, wanted in table(content, *path).items():
            yield from _listed(wanted, group, lines, *path, group)


def _listed(wanted: object, group: str, lines: TomlLines, *path: str) -> Iterator[Dependency]:
    for text in wanted if isinstance(wanted, list) else ():
        if isinstance(text, str):
            found = python_dependency(text, group=group, line=lines.of_string(text, *path))
            if found:
                yield found


def _poetry(poetry: Table, lines: TomlLines) -> Iterator[Dependency]:
    tables: dict[tuple[str, ...], str] = {("dependencies",): "", ("dev-dependencies",): "dev"}
    tables |= {("group", group, "dependencies"): group for group in table(poetry, "group")}
    for path, group in tables.items():
        for name, wanted in table(poetry, *path).items():
            normal = valid_python_name(name)
            if normal and normal != "python":
                line = lines.of_key("tool", "poetry", *path, name)
                yield Dependency(name=normal, requirement=_version(wanted), group=group[:50], line=line)


def _version(wanted: object) -> str:
    if isinstance(wanted, str):
        return short(wanted)
    return short(text_of(wanted, "version") or "") if isinstance(wanted, dict) else ""
