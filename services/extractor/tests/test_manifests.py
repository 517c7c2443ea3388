"""Package manifests, real and hostile."""

import time

import pytest

from extractor.manifests import manifest_of


def declared(path, text):
    return [(d.name, d.requirement, d.group, d.line) for d in manifest_of(path, text).dependencies]


def test_pyproject_gives_runtime_extras_and_groups_with_their_lines():
    text = """[project]
name = "Acme_Shop"
description = "Sells things."
dependencies = [
  "Flask >= 3",
  "redis[hiredis]>=5 ; python_version > '3.11'",
  "fork @ git+https://token@example.com/fork.git",
]
optional-dependencies.aws = ["boto3"]

[dependency-groups]
dev = [
  "pytest",
  {include-group = "lint"},
]
lint = ["ruff~=0.5"]
"""
    manifest = manifest_of("pyproject.toml", text)
    assert (manifest.ecosystem, manifest.name, manifest.description) == ("pypi", "acme-shop", "Sells things.")
    assert declared("pyproject.toml", text) == [
        ("flask", ">= 3", "", 5),
        ("redis", ">=5", "", 6),
        ("fork", "url", "", 7),
        ("boto3", "", "aws", 9),
        ("pytest", "", "dev", 13),
        ("ruff", "~=0.5", "lint", 16),
    ]


def test_the_same_requirement_in_two_groups_stands_on_two_lines():
    text = '[project]\ndependencies = ["a"]\n[project.optional-dependencies]\nx = [\n  "a",\n]\n'
    assert [line for *_, line in declared("pyproject.toml", text)] == [2, 5]


def test_poetry_tables_are_read_and_python_itself_is_no_dependency():
    text = """[tool.poetry]
name = "shop"

[tool.poetry.dependencies]
python = "^3.11"
httpx = {version = "^0.27", extras = ["http2"]}

[tool.poetry.group.test.dependencies]
pytest = "*"
"""
    assert manifest_of("pyproject.toml", text).name == "shop"
    assert declared("pyproject.toml", text) == [("httpx", "^0.27", "", 6), ("pytest", "*", "test", 9)]


def test_a_pyproject_that_only_configures_tools_is_no_manifest():
    assert manifest_of("pyproject.toml", "[tool.ruff]\nline-length = 110\n") is None


def test_a_requirements_file_gives_its_lines_and_skips_options_and_urls():
    text = "# what we need\n-r base.txt\n-e .\nhttps://example.com/x.whl\nCelery[redis]==5.4  # queue\nrq\n"
    assert declared("requirements.txt", text) == [("celery", "==5.4", "", 5), ("rq", "", "", 6)]


def test_a_requirement_ends_where_options_of_pip_begin():
    text = "requests==2.0 \\\n    --hash=sha256:ab\nrq>=1 --hash=sha256:cd  # queue\n"
    assert declared("requirements.txt", text) == [("requests", "==2.0", "", 1), ("rq", ">=1", "", 3)]


def test_half_a_character_in_a_literal_does_not_keep_the_rest_from_being_sent_on():
    manifest = manifest_of(
        "setup.py", r'setup(name="a", description="x \ud800", install_requires=["b==\ud800"])'
    )
    assert manifest.description == "x ?"
    assert [one.name for one in manifest.dependencies] == ["b"]
    manifest.model_dump_json()


@pytest.mark.parametrize("path", ["requirements-dev.txt", "requirements/dev.txt", "dev-requirements.in"])
def test_the_name_of_a_requirements_file_is_its_group(path):
    assert declared(path, "pytest\n") == [("pytest", "", "dev", 1)]


def test_setup_cfg_gives_what_setuptools_would_install():
    text = """[metadata]
name = Shop
[options]
install_requires =
    flask>=3
    # not this
    redis
[options.extras_require]
aws = boto3
[flake8]
extend-ignore =
    E203
"""
    assert manifest_of("setup.cfg", text).name == "shop"
    assert declared("setup.cfg", text) == [
        ("flask", ">=3", "", 5),
        ("redis", "", "", 7),
        ("boto3", "", "aws", 9),
    ]


def test_setup_py_gives_its_literals_and_is_never_run():
    text = """from setuptools import setup
raise SystemExit
needs = ["flask"]
setup(
    name="shop",
    install_requires=needs,
    extras_require={"aws": ["boto3>=1"], "all": everything()},
)
"""
    assert manifest_of("setup.py", text).name == "shop"
    assert declared("setup.py", text) == [("flask", "", "", 3), ("boto3", ">=1", "aws", 7)]


def test_package_json_gives_every_kind_of_dependency_with_its_line():
    text = """{
  "name": "@acme/shop",
  "dependencies": {
    "@nestjs/core": "^10.0.0",
    "fork": "git+https://token@example.com/fork.git"
  },
  "devDependencies": {"jest": "*", "fork": "1"}
}
"""
    assert manifest_of("web/package.json", "\ufeff" + text).name == "@acme/shop"
    assert declared("web/package.json", text) == [
        ("@nestjs/core", "^10.0.0", "", 4),
        ("fork", "url", "", 5),
        ("jest", "*", "dev", 7),
        ("fork", "1", "dev", 7),
    ]


def test_go_mod_tells_direct_from_indirect_modules():
    text = """module example.com/shop

require github.com/gin-gonic/gin v1.10.0

require (
\tgolang.org/x/net v0.30.0 // indirect
\tgithub.com/x/y/v2 v2.1.0 // because
)

exclude github.com/old/thing v1.0.0
require github.com/z/z v1.0.0
"""
    assert manifest_of("go.mod", text).name == "example.com/shop"
    assert declared("go.mod", text) == [
        ("github.com/gin-gonic/gin", "v1.10.0", "", 3),
        ("golang.org/x/net", "v0.30.0", "indirect", 6),
        ("github.com/x/y/v2", "v2.1.0", "", 7),
        ("github.com/z/z", "v1.0.0", "", 11),
    ]


@pytest.mark.parametrize("path", ["shop.py", "requirements.md", "go.sum", "tsconfig.json"])
def test_other_files_are_no_manifests(path):
    assert manifest_of(path, "anything") is None


HOSTILE = {
    "no JSON": ("package.json", "{"),
    "no object": ("package.json", "[]"),
    "deep JSON": ("package.json", "[" * 900_000),
    "no TOML": ("pyproject.toml", "= 1"),
    "deep TOML": ("pyproject.toml", "x = " + "[" * 900_000),
    "a key of many parts": ("pyproject.toml", "a." * 400_000 + "b = 1"),
    "an inner key of many parts": ("pyproject.toml", "x = {" + "'a b' . " * 100_000 + "b = 1}"),
    "no module": ("go.mod", "require a v1\n"),
    "no Python": ("setup.py", "setup("),
    "deep Python": ("setup.py", "a" + ".b" * 40_000),
    "too large": ("requirements.txt", "a\n" * 600_000),
    "too many": ("requirements.txt", "a\n" * 3_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_malformed_manifest_is_refused_with_a_reason_and_at_once(name):
    path, text = HOSTILE[name]
    started = time.process_time()
    with pytest.raises(ValueError, match=r"\w"):
        manifest_of(path, text)
    assert time.process_time() - started < 2


def test_what_a_manifest_says_of_itself_is_cut_to_a_size_that_can_be_sent_on():
    text = '[project]\nname = "' + "x" * 1000 + '"\ndescription = "' + "y" * 100_000 + '"\n'
    manifest = manifest_of("pyproject.toml", text)
    assert manifest.name is None
    assert len(manifest.description) == 500


def test_a_long_line_of_blanks_takes_linear_time():
    started = time.process_time()
    manifest = manifest_of("pyproject.toml", '[project]\nname = "a"\n' + " " * 50_000)
    assert manifest.name == "a"
    assert time.process_time() - started < 2  # quadratic time takes over a minute


def test_half_a_surrogate_behind_an_escape_can_be_sent_on():
    text = r'setup(description="\ud800", install_requires=["b==\ud800"], extras_require={"\ud800": ["c"]})'
    manifest = manifest_of("setup.py", text)
    assert [(d.name, d.group) for d in manifest.dependencies] == [("b", ""), ("c", "?")]
    assert r"\ud800" not in manifest.model_dump_json()
