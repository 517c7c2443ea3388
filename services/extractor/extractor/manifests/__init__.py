"""Package manifests: what a repository is called, and which packages it asks for, on which lines."""

from collections.abc import Callable

from devnexus.events.patterns_extracted import Manifest
from extractor.manifests.cargo_toml import read_cargo_toml
from extractor.manifests.composer_json import read_composer_json
from extractor.manifests.go_mod import read_go_mod
from extractor.manifests.gradle import read_gradle, read_version_catalog
from extractor.manifests.nuget import read_dotnet
from extractor.manifests.package_json import read_package_json
from extractor.manifests.pom_xml import read_pom
from extractor.manifests.pyproject import read_pyproject
from extractor.manifests.requirements_txt import read_requirements
from extractor.manifests.ruby import read_gemfile, read_gemspec
from extractor.manifests.setup_files import read_setup_cfg, read_setup_py
from extractor.regex import compile_regex

Reader = Callable[[str], Manifest | None]

_READERS: dict[str, Reader] = {
    "Cargo.toml": read_cargo_toml,
    "Directory.Packages.props": read_dotnet,
    "Gemfile": read_gemfile,
    "build.gradle": read_gradle,
    "build.gradle.kts": read_gradle,
    "composer.json": read_composer_json,
    "go.mod": read_go_mod,
    "libs.versions.toml": read_version_catalog,
    "package.json": read_package_json,
    "packages.config": read_dotnet,
    "pom.xml": read_pom,
    "pyproject.toml": read_pyproject,
    "setup.cfg": read_setup_cfg,
    "setup.py": read_setup_py,
}
_READERS_BY_ENDING: dict[str, Reader] = {
    ".csproj": read_dotnet,
    ".fsproj": read_dotnet,
    ".gemspec": read_gemspec,
    ".vbproj": read_dotnet,
}
_REQUIREMENTS = compile_regex(r"(?:^|/)(?:[\w.-]*requirements[\w.-]*|requirements/[\w.-]+)\.(?:txt|in)$")
_LARGEST = 1_000_000
_MOST_DEPENDENCIES = 2000
_LONGEST_DESCRIPTION = 500


def may_be_manifest(path: str) -> bool:
    """Whether a file of this name is read as a manifest."""
    return _reader(path) is not None or _REQUIREMENTS.found_in(path)


def manifest_of(path: str, text: str) -> Manifest | None:
    """The manifest that `text` is, or None if `path` names none or it declares no package.

    Raises ValueError with the reason if it is malformed or absurdly large.
    """
    reader = _reader(path)
    is_requirements = reader is None and _REQUIREMENTS.found_in(path)
    if reader is None and not is_requirements:
        return None
    if len(text) > _LARGEST:
        raise ValueError(f"a manifest of more than {_LARGEST} characters is not read")
    manifest = reader(text) if reader else read_requirements(path, text)
    return manifest and _bounded(manifest)


def _reader(path: str) -> Reader | None:
    name = path.rpartition("/")[2]
    return _READERS.get(name) or _READERS_BY_ENDING.get(name[name.rfind(".") :])


def _bounded(manifest: Manifest) -> Manifest:
    """`manifest`, if it is of a size that can be sent on."""
    if len(manifest.dependencies) > _MOST_DEPENDENCIES:
        raise ValueError(f"a manifest with more than {_MOST_DEPENDENCIES} dependencies is not read")
    description = " ".join((manifest.description or "").split())[:_LONGEST_DESCRIPTION]
    return manifest.model_copy(update={"description": description or None})
