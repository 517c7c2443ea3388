"""Who has a component like it already, found by what it is called, says of itself and is copied to."""

import pytest
from builders import component, known

from a2a_gateway.knowledge.component_texts import plain
from a2a_gateway.skills import find_component


def ask(world, **given):
    return world.execute("find_component", **given).json()


def described(page, *told):
    """A page whose components are these: name, description, kind, language, lines of code."""
    (model,) = page.components
    components = tuple(
        model.model_copy(
            update={
                "component_id": f"src/http.py:{name}",
                "name": name,
                "description": description,
                "component_type": kind,
                "language": language,
                "lines_of_code": loc,
            }
        )
        for name, description, kind, language, loc in told
    )
    return page.model_copy(update={"components": components})


@pytest.fixture
def many(empty):
    model = [component("X", ["a short body"])]
    empty.put(
        described(
            known("acme/api", 1, components=model),
            ("retry_client", "Calls again, with growing pauses", "function", "Python", 30),
            ("Client", None, "class", "Python", 10),
            ("BackoffClient", "An HTTP client that retries", "class", "Go", 500),
        ),
        described(
            known("acme/web", 2, components=model),
            ("Pauses", "Growing client lists", "class", "TypeScript", 90),
        ),
    )
    return empty


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"name": "client"}, ["Client", "BackoffClient", "retry_client"]),
        ({"name": "RetryClient"}, ["retry_client"]),
        ({"name": "clientan"}, []),
        ({"words": "growing PAUSES"}, ["Pauses", "retry_client"]),
        ({"query": "http client"}, ["BackoffClient"]),
        ({"words": "client", "language": "python"}, ["Client", "retry_client"]),
        ({"component_type": "Class", "repository": "Acme/API"}, ["BackoffClient", "Client"]),
        ({"limit": 1, "offset": 1}, ["Pauses"]),
    ],
)
def test_components_are_found_the_best_first(many, given, names):
    assert [one["name"] for one in ask(many, **given)["components"]] == names


def test_a_component_comes_with_its_lines_and_where_else_it_stands(world):
    told = ask(world, name="service client")
    assert told["total_components"] == 2
    first, second = told["components"]
    assert (first["repository"], second["repository"]) == ("acme/api", "acme/billing")
    assert (first["type"], first["language"], first["place"]) == ("class", "Python", "src/http.py:10-29")
    assert first["files"] == ["src/http.py"] and first["changed_at"] is None
    (copy,) = first["copies"]
    assert (copy["repository"], copy["place"]) == ("acme/billing", "src/http.py:12-31")
    assert 0.75 <= copy["likeness"] < 1 and copy["changed_last"] == "there"
    assert second["copies"][0]["changed_last"] == "here" and second["copy_count"] == 1


def test_the_same_code_under_another_name_is_a_copy_and_short_code_is_none(empty):
    lines = [f"line {number} of one file" for number in range(20)]
    empty.put(
        known("acme/a", 1, components=[component("Gate", lines), component("Tiny", ["x"])]),
        known("acme/b", 2, components=[component("Door", lines), component("Tiny", ["x"])]),
    )
    (gate,) = ask(empty, name="gate")["components"]
    assert [(one["repository"], one["likeness"]) for one in gate["copies"]] == [("acme/b", 1.0)]
    assert [one["copies"] for one in ask(empty, name="tiny")["components"]] == [[], []]


def test_a_page_that_changed_is_searched_as_it_is_now(many):
    ask(many, name="client")
    page = many.reading().named("acme/web")
    many.put(page.model_copy(update={"components": ()}))
    many.now += 1
    assert ask(many, words="lists")["total_components"] == 0


def test_a_name_of_a_megabyte_is_made_plain_once(empty, monkeypatch):
    lines = [f"line {number}" for number in range(20)]
    empty.put(known("acme/api", 1, components=[component(f"C{number}", lines) for number in range(50)]))
    ask(empty)
    names = []
    monkeypatch.setattr(find_component, "plain", lambda name: names.append(name) or plain(name))
    assert ask(empty, name="_" * 900_000)["total_components"] == 50
    assert len(names) <= 2


def test_an_unknown_repository_is_not_found(many):
    assert many.execute("find_component", repository="acme/none").status_code == 404
