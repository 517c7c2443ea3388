"""Extensions: a module in the package is all it takes, and one that offers nothing stops the start."""

import importlib
import itertools

import pytest

from devnexus.errors import ConfigurationError
from devnexus.extensions import load

_numbers = itertools.count()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A function that makes a package of these modules."""

    def make(**modules):
        name = f"extensions_of_test_{next(_numbers)}"
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").touch()
        for module, text in modules.items():
            (folder / f"{module}.py").write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        return importlib.import_module(name)

    return make


def test_each_module_offers_what_it_defines_by_its_name(package):
    assert list(load(package(b="SKILL = 2", a="SKILL = 1"), "SKILL", int).items()) == [("a", 1), ("b", 2)]


@pytest.mark.parametrize("text", ["", "SKILL = 'no number'", "skill = 1"])
def test_a_module_that_offers_nothing_stops_the_start_and_is_named(package, text):
    with pytest.raises(ConfigurationError, match=r"\.broken .*SKILL, a int"):
        load(package(fine="SKILL = 1", broken=text), "SKILL", int)


def test_a_mistake_inside_a_module_is_not_hidden(package):
    with pytest.raises(ZeroDivisionError):
        load(package(broken="1 / 0"), "SKILL", int)
