"""What Gradle's build files declare as literals; nothing is executed.

References: https://docs.gradle.org/current/userguide/declaring_dependencies.html and …/version_catalogs.html
"""

import re
from collections.abc import Iterator

from devnexus.events.patterns_extracted import Dependency, Manifest
from extractor.evidence import lines_of
from extractor.manifests.requirement import short
from extractor.manifests.toml_lines import TomlLines
from extractor.manifests.toml_tables import load_toml, table, text_of

_DECLARED = re.compile(
    r"\s*(\w{1,60})[ (]{1,9}(?:(?:enforcedPlatform|platform)\()?"
    r"[\"']([\w.-]{1,100}:[\w.-]{1,100})(?::([^\"':@\s]{1,60}))?[\"':@]"
)
_BUILD_ONLY = ("annotationprocessor", "kapt", "ksp", "classpath")
_CONFIGURATIONS = ("implementation", "api", "compileonly", "runtimeonly", "compile", "runtime", *_BUILD_ONLY)
_MODULE = re.compile(r"([\w.-]{1,100}:[\w.-]{1,100})(?::([^\s:]{1,60}))?")
_LONGEST_LINE = 1000


def read_gradle(text: str) -> Manifest | None:
    """The literal coordinates in a `build.gradle` or `build.gradle.kts`; None where there are none."""
    found = tuple(_declared(text))
    return Manifest(ecosystem="maven", dependencies=found) if found else None


def read_version_catalog(text: str) -> Manifest | None:
    """The libraries of a `libs.versions.toml`; None where there are none; raises ValueError if malformed."""
    content = load_toml(text)
    versions, lines = table(content, "versions"), TomlLines(text)
    found = []
    for alias, library in table(content, "libraries").items():
        match = _MODULE.fullmatch(library if isinstance(library, str) else _module(library))
        if match:
            version = match[2] or _version(library, versions)
            line = lines.of_key("libraries", alias)
            found.append(Dependency(name=match[1], requirement=short(version), line=line))
    return Manifest(ecosystem="maven", dependencies=tuple(found)) if found else None


def _declared(text: str) -> Iterator[Dependency]:
    for number, line in enumerate(lines_of(text), 1):
        match = _DECLARED.match(line) if len(line) <= _LONGEST_LINE else None
        if match and match[1].lower().endswith(_CONFIGURATIONS):
            yield Dependency(
                name=match[2], requirement=short(match[3] or ""), group=_group(match[1].lower()), line=number
            )


def _group(configuration: str) -> str:
    if "test" in configuration:
        return "test"
    return "build" if configuration.endswith(_BUILD_ONLY) else ""


def _module(library: object) -> str:
    if not isinstance(library, dict):
        return ""
    group, name = text_of(library, "group"), text_of(library, "name")
    return text_of(library, "module") or f"{group}:{name}"


def _version(library: object, versions: object) -> str:
    wanted = library.get("version") if isinstance(library, dict) else None
    if isinstance(wanted, dict) and isinstance(versions, dict):
        wanted = versions.get(text_of(wanted, "ref"))
    return wanted if isinstance(wanted, str) else ""
