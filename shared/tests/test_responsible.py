"""Who looks after what: the organisation's word before the repository's."""

import pytest
from builders import known

from devnexus.alike.responsible import Responsible
from devnexus.events.similarity_computed import Place
from devnexus.knowledge.projection import PathOwners
from devnexus.people.organisation import Organisation

RULES = (
    PathOwners(pattern="*", owners=("@old",), line=1),
    PathOwners(pattern="*", owners=("@core",), line=2),
    PathOwners(pattern="src/", owners=("@sources",), line=3),
    PathOwners(pattern="src/free.py", line=4),
)
PAGE = known("acme/api", 1).model_copy(update={"owners": RULES})


def at(path):
    return Place(path=path, start=1, end=1, commit="c")


@pytest.mark.parametrize(
    ("place", "owners"),
    [
        (None, ("@core",)),
        (at("src/a.py"), ("@sources",)),
        (at("README.md"), ("@core",)),
        (at("src/free.py"), ("@core",)),
    ],
)
def test_the_last_line_of_codeowners_that_names_a_path_counts_and_else_the_one_for_everything(place, owners):
    assert Responsible(PAGE, Organisation()).of(place) == owners


def test_what_the_organisation_says_of_a_repository_comes_first():
    said = Organisation(owners={"acme/*": ("team-a",), "*": ("everybody",)})
    responsible = Responsible(PAGE, said)
    assert responsible.of_all() == responsible.of(at("src/a.py")) == ("team-a", "everybody")


def test_nobody_is_named_where_nobody_says_anything_and_at_most_ten_where_many_do():
    assert Responsible(known("acme/api", 1), Organisation()).of(at("a.py")) == ()
    many = PathOwners(pattern="*", owners=tuple(f"@{n}" for n in range(40)), line=1)
    page = PAGE.model_copy(update={"owners": (many,)})
    assert len(Responsible(page, Organisation()).of(at("a.py"))) == 10
