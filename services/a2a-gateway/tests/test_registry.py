"""Skills are found by being there, and one that cannot be right stops the start."""

import importlib

import pytest

from a2a_gateway.registry import load_skills
from devnexus.errors import ConfigurationError

LIST = "from dataclasses import replace\nfrom a2a_gateway.skills.get_repository_list import SKILL as LIST\n"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A function that makes a package with one module in it."""

    def make(module, text):
        folder = tmp_path / f"skills_of_{module}"
        folder.mkdir()
        (folder / "__init__.py").touch()
        (folder / f"{module}.py").write_text(LIST + text)
        monkeypatch.syspath_prepend(tmp_path)
        return importlib.import_module(folder.name)

    return make


def test_a_module_named_after_its_skill_is_all_it_takes(package):
    skills = load_skills(package("fine", "SKILL = replace(LIST, id='fine')"))
    assert [*skills] == ["fine"]


@pytest.mark.parametrize(
    ("module", "text", "problem"),
    [
        ("empty", "", "has to define SKILL, a Skill"),
        (
            "twin",
            "SKILL = LIST",
            r"skills/twin.py holds get_repository_list: name the module after its skill",
        ),
        (
            "choosy",
            "SKILL = replace(LIST, id='choosy', example=LIST.input.model_construct(limit=0))",
            r"skills/choosy.py refuses its own example: limit: Input should be greater than or equal to 1",
        ),
    ],
)
def test_a_skill_that_cannot_be_right_stops_the_start(package, module, text, problem):
    with pytest.raises(ConfigurationError, match=problem):
        load_skills(package(module, text))
