"""What the repository promises of itself: pins, packages, extras, no stray pages, no hosts."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
SETUPTOOLS = PYPROJECT["tool"]["setuptools"]
EXTRAS = PROJECT["optional-dependencies"]
SERVICES = {
    "receiver": "webhook_receiver.main",
    "extractor": "extractor.main",
    "writer": "kb_writer.main",
    "similarity": "similarity.main",
    "notifier": "notifier.main",
    "gateway": "a2a_gateway.main",
}
DISTRIBUTIONS = {
    "a2a": "a2a-sdk",
    "a2wsgi": "a2wsgi",
    "anthropic": "anthropic",
    "anyio": "anyio",
    "ast_grep_py": "ast-grep-py",
    "cloudevents": "cloudevents",
    "cryptography": "cryptography",
    "flask": "flask",
    "github": "pygithub",
    "google": "google-cloud-pubsub",
    "google_crc32c": "google-crc32c",
    "pydantic": "pydantic",
    "pydantic_core": "pydantic",
    "httpx2": "httpx2",
    "jinja2": "jinja2",
    "markupsafe": "markupsafe",
    "jwt": "pyjwt",
    "numpy": "numpy",
    "opentelemetry": "opentelemetry-api",
    "prometheus_client": "prometheus-client",
    "psycopg": "psycopg",
    "re2": "google-re2",
    "requests": "requests",
    "sqlalchemy": "sqlalchemy",
    "sse_starlette": "sse-starlette",
    "starlette": "starlette",
    "threadpoolctl": "threadpoolctl",
    "urllib3": "urllib3",
    "uvicorn": "uvicorn",
    "uvicorn_worker": "uvicorn-worker",
    "werkzeug": "werkzeug",
    "yaml": "pyyaml",
}
"""Imported name → distribution."""


def tracked(*patterns):
    """The files git tracks or would, as (path, text); binary ones left out."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [path for path in listing.stdout.split("\0") if path and (ROOT / path).is_file()]


def pins():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return {canonicalize_name((r := Requirement(line)).name): r for line in lines}


def test_everything_that_is_asked_for_is_pinned():
    asked = [Requirement(text) for text in PROJECT["dependencies"] + sum(EXTRAS.values(), [])]
    pinned = pins()
    assert [
        r.name for r in asked if r.name != PROJECT["name"] and canonicalize_name(r.name) not in pinned
    ] == []
    assert all(str(r.specifier).startswith("==") and r.url is None for r in pinned.values())


def test_every_package_folder_is_distributed():
    folders = {root: Path(folder) for root, folder in SETUPTOOLS["package-dir"].items()}
    found = {
        ".".join((root, *init.parent.relative_to(ROOT / folder).parts))
        for root, folder in folders.items()
        for init in (ROOT / folder).rglob("__init__.py")
    }
    assert found == set(SETUPTOOLS["packages"])


def needs(extra):
    """The distributions of an extra, those of its extras and the bare ones included."""
    names = {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]}
    for requirement in map(Requirement, EXTRAS[extra]):
        if requirement.name == PROJECT["name"]:
            names |= set().union(*(needs(inner) for inner in requirement.extras))
        else:
            names.add(canonicalize_name(requirement.name))
    return names


@pytest.mark.parametrize("extra", SERVICES)
def test_the_extra_of_a_service_names_all_that_it_imports(extra):
    main = SERVICES[extra]
    graph = grimp.build_graph("devnexus", main.split(".")[0], include_external_packages=True, cache_dir=None)
    ours = {"devnexus", main.split(".")[0]}
    external = {module.split(".")[0] for module in graph.find_upstream_modules(main)} - ours
    third_party = external - sys.stdlib_module_names
    assert {DISTRIBUTIONS[name] for name in third_party} <= needs(extra)


def test_pages_stand_only_where_pages_belong():
    allowed = re.compile(
        r"(README|CONTRIBUTING|CHANGELOG|SECURITY)\.md|docs/.*\.md|(.*/)?README\.md|demo/EXPECTED\.md"
        r"|services/extractor/extractor/claude/brief\.md"
    )
    assert [path for path in tracked("*.md") if not allowed.fullmatch(path)] == []


def test_no_file_names_a_package_registry_or_a_path_of_one_machine():
    forbidden = re.compile(
        r"https?://[^\s\"'<>]*/simple\b|files\.pythonhosted\.org|registry\.npmjs\.org"
        r"|--extra-index|(?<![\w.])/(home|Users)/\w+/"
    )
    guilty = []
    for path in tracked():
        content = (ROOT / path).read_bytes()
        if (
            ROOT / path != Path(__file__)
            and b"\0" not in content
            and forbidden.search(content.decode("utf-8", "replace"))
        ):
            guilty.append(path)
    assert guilty == []
