"""Components worth reuse, found by Python's own grammar."""

import textwrap

import pytest

from extractor.components import components_of, sketch_of

CLIENT = '''\
import time


@register
class Client:
    """Calls another service.

    And says more of it.
    """

    def get(self, path):
        # one comment
        return self._call("GET", path)

    def _call(self, method, path):
        time.sleep(1)
        return method + path
'''


def test_a_documented_class_is_told_with_its_lines_methods_and_first_sentence():
    (found,) = components_of(CLIENT, "Python")
    assert (found.name, found.kind, found.start, found.end) == ("Client", "class", 4, 17)
    assert found.description == "Calls another service."
    assert found.public_methods == ("get",)


def test_comments_and_indentation_do_not_make_another_component():
    other = textwrap.dedent(CLIENT).replace("        # one comment\n", "\n        # another\n")
    (one,) = components_of(CLIENT, "Python")
    (two,) = components_of(other, "Python")
    assert (one.digest, one.sketch) == (two.digest, two.sketch)
    (changed,) = components_of(CLIENT.replace("sleep(1)", "sleep(2)"), "Python")
    assert changed.digest != one.digest
    assert set(changed.sketch) & set(one.sketch)


@pytest.mark.parametrize(
    "text",
    [
        CLIENT.replace("class Client", "class _Client"),
        CLIENT.replace('"""Calls another service.\n\n    And says more of it.\n    """', "pass").replace(
            "def get", "def _get"
        ),
        'def f():\n    """Short."""\n',
        "def broken(:\n" * 20,
        "x = " + "(" * 5000,
        "\0" * 50,
        "",
    ],
    ids=["private", "offers nothing", "short", "malformed", "nested", "binary", "empty"],
)
def test_what_others_could_not_use_is_no_component(text):
    assert components_of(text, "Python") == ()


def test_a_sketch_is_bounded_and_does_not_depend_on_the_place():
    lines = [str(n) for n in range(500)]
    assert len(sketch_of(lines)) == 24
    assert sketch_of(lines[:20]) == tuple(sorted(sketch_of(lines[:20])))
    assert sketch_of(["a", "b"]) == ()


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_lines_that_python_and_git_count_otherwise_name_no_component(end):
    found = components_of(
        CLIENT.replace("\n", end, 2) if end == "\r" else CLIENT.replace("\n", end), "Python"
    )
    assert [(one.start, one.end) for one in found] == ([] if end == "\r" else [(4, 17)])


def test_half_a_character_in_documentation_can_be_sent_on():
    (found,) = components_of(CLIENT.replace("another service", "\\ud800"), "Python")
    assert found.description == "Calls ?."
    found.model_dump_json()


def test_strings_belong_to_the_code_and_its_own_documentation_does_not():
    query = CLIENT.replace("time.sleep(1)", 'self.run("""SELECT 1""")')
    (select,) = components_of(query, "Python")
    (delete,) = components_of(query.replace("SELECT 1", "DELETE FROM orders"), "Python")
    (documented,) = components_of(query.replace("And says more", "And says less"), "Python")
    assert select.digest != delete.digest
    assert select.digest == documented.digest
