"""Whoever may not see a repository reads nothing of it anywhere, from the moment that it is hidden."""

import re

import pytest
from builders import component, known

from a2a_gateway.callers.caller import ANONYMOUS, LOCAL
from a2a_gateway.knowledge.read_model import LOOK_EVERY_SECONDS
from a2a_gateway.knowledge.visible import Visible
from a2a_gateway.registry import load_skills
from a2a_gateway.skill import ReadingSkill
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.projection import DeclaredDependency, PublishedPackage
from devnexus.schema_v2 import Component, DependencyInfo, DependencyRelationship

SECRETS = ("acme/vault", "acme/safe", "github.com/77", "github.com+77", "vault", "hush", "Hush")
CODE = [f"line {number} of the client" for number in range(20)]
READ_SKILLS = [skill for skill in load_skills().values() if isinstance(skill, ReadingSkill)]
HIDING = {
    "private": {"visibility": "private"},
    "archived": {"archived": True},
    "removed": {"removed": True},
}


def secret(**changes):
    """A repository with something that only it has, and that is the newest example of what others lack."""
    patterns = ["rest-api", "metrics", "health-check", "hush-pattern", "retry-backoff"]
    page = known("acme/vault", 77, patterns=patterns, components=[component("HushClient", CODE)], minute=900)
    standing = {
        id_: pattern.model_copy(
            update={
                "evidence": tuple(
                    row.model_copy(update={"path": "hush/door.py", "quote": "hush" * 4})
                    for row in pattern.evidence
                )
            }
        )
        for id_, pattern in page.standing_patterns.items()
    }
    asked = DeclaredDependency(
        ecosystem="pypi", name="acme-api", path="hush/pyproject.toml", line=3, commit="a" * 40
    )
    hidden = {"standing_patterns": standing, "former_names": ("acme/safe",)}
    return page.model_copy(update={**hidden, "declared_dependencies": (asked,), **changes})


def others():
    """Public repositories that tell of it: who depends on them, whose name they share, what they copied."""
    common = ["rest-api", "metrics", "health-check"]
    api = known("acme/api", 1, patterns=common, components=[component("Client", CODE)])
    relationships = [
        {"target_repo": "acme/vault"},
        {"target_repo": "https://github.com/ACME/safe.git"},
        {"target_repo": "elsewhere", "repository": "acme/vault"},
        {"target_repo": "acme/web"},
    ]
    told = [
        DependencyRelationship(**one, relationship_type="consumer", dependency_strength="strong")
        for one in relationships
    ]
    copied = Component(
        component_id="x:Copied",
        name="Copied",
        component_type="class",
        repository="acme/api",
        language="Python",
        files=("x",),
        first_seen="2026-01-01",
        derived_from="acme/vault:x:Copied",
    )
    yield api.model_copy(
        update={
            "dependencies": DependencyInfo(consumers=told, derivatives=told[:1]),
            "imported_components": (copied,),
            "name_shared_with": ("github.com/77",),
            "published_packages": (
                PublishedPackage(ecosystem="pypi", name="acme-api", path="p.toml", line=1, commit="a" * 40),
            ),
        }
    )
    for number, name in enumerate(("web", "jobs", "mail"), start=2):
        yield known(f"acme/{name}", number, patterns=[*common, "retry-backoff"], minute=number)


def put_all(world, **changes):
    world.put(*others(), secret(**changes))
    broken = {
        "corrections/acme/vault.yaml": b"hide: [",
        "devnexus.yaml": b"repositories: {exclude: [acme/vault, 7]}",
    }
    head = world.store.head()
    world.store.commit(broken, message="with mistakes", expected_head=head)
    world.now += LOOK_EVERY_SECONDS


def everything_said(world):
    """Question → answer, for every skill that reads and every page that another leads to."""
    said = {}
    for skill in READ_SKILLS:
        example = skill.example.model_dump(mode="json", exclude_defaults=True)
        said[skill.id] = world.execute(skill.id, **example).text
        if "repository" in skill.input.model_fields:
            for name in ("acme/api", "acme/web"):
                said[skill.id, name] = world.execute(skill.id, **{**example, "repository": name}).text
    waiting = ["/", "/overview", "/pairs/acme/api/acme/web", "/health", "/openapi.json", "/skills"]
    while waiting:
        path = waiting.pop()
        if path not in said and not path.startswith("/style"):
            said[path] = world.client.get(path, headers=world.BROWSER).text
            waiting += re.findall(r'href="(/[^"#]*)"', said[path])
    return said


def test_there_is_something_to_be_found_as_long_as_it_is_public(make_world):
    world = make_world(caller=ANONYMOUS)
    put_all(world)
    said = everything_said(world)
    assert len(said) > 15
    for word in ("acme/vault", "hush"):
        assert sum(word in text for text in said.values()) > 3
    page = said["/repositories/acme/api"]
    assert all(word in page for word in ("acme/vault", "hush/pyproject.toml", "github.com%2B77"))
    assert "hush/door.py" in page  # where the newest example of what it lacks can be seen


@pytest.mark.parametrize("change", HIDING.values(), ids=HIDING.keys())
def test_a_push_that_hides_a_repository_leaves_no_trace_of_it_in_any_answer(make_world, change):
    world = make_world(caller=ANONYMOUS)
    put_all(world)
    before = everything_said(world)
    world.put(secret(**change))
    world.now += LOOK_EVERY_SECONDS
    said = everything_said(world)
    asked_for = [path for path in before if isinstance(path, str) and "vault" in path]
    assert len(asked_for) > 2
    said |= {path: world.page(path) for path in asked_for}
    traces = {(question, word) for question, text in said.items() for word in SECRETS if word in text}
    assert not traces
    assert "acme/web" in said["/repositories/acme/web"]


def test_how_many_are_hidden_is_told_to_nobody(make_world):
    world = make_world(caller=ANONYMOUS)
    told = []
    for number in range(3):
        hidden = (known(f"acme/vault-{one}", 70 + one) for one in range(number))
        world.put(*others(), *(page.model_copy(update={"visibility": "private"}) for page in hidden))
        world.now += LOOK_EVERY_SECONDS
        revision = world.store.head()
        tag = world.client.get("/overview", headers=world.BROWSER).headers["ETag"].replace(revision, "")
        health = world.client.get("/health").json()
        told.append((tag, health["repositories"], health["files_with_mistakes"]))
    assert len(set(told)) == 1
    assert told[0][1] == 4


def test_no_cache_in_front_keeps_what_one_caller_is_told(world):
    for path in ("/api/kb/patterns/acme/api", "/a2a/workflow/1", "/overview"):
        assert world.client.get(path).headers["Cache-Control"] in {"no-store", "private, no-cache"}
    assert world.execute("get_repository_list").headers["Cache-Control"] == "no-store"


def test_who_may_see_nothing_is_told_no_number_of_repositories(opened):
    health = opened().client.get("/health").json()
    assert health["status"] == "healthy"
    assert not {"repositories", "files_with_mistakes"} & health.keys()


def test_a_pattern_that_only_hidden_ones_use_is_none_that_is_used(make_world):
    world = make_world(caller=ANONYMOUS)
    put_all(world, visibility="internal")
    assert world.client.get("/patterns/hush-pattern").status_code == 404
    assert world.execute("query_patterns", patterns=["hush-pattern"]).json()["total_matches"] == 0


def test_who_sees_all_is_shown_what_is_private_or_archived_and_not_what_was_removed(make_world):
    world = make_world(caller=LOCAL)
    for change, count in ({"visibility": "private"}, 5), ({"archived": True}, 5), ({"removed": True}, 4):
        put_all(world, **change)
        listed = world.execute("get_repository_list").json()["repositories"]
        assert len(listed) == count
        assert [one["name"] for one in listed if one["archived"]] == ["acme/vault"] * ("archived" in change)
        consumers = {one.target_repo for one in world.reading().named("acme/api").dependencies.consumers}
        assert ("acme/vault" in consumers) is (count == 5)


def test_names_that_other_agents_give_can_be_asked_about(make_world):
    world = make_world()
    put_all(world, visibility="private")
    reading = world.model.reading(ANONYMOUS)
    assert not any(map(reading.may_name, ("acme/vault", "ACME/Safe", "github.com/acme/vault.git/")))
    assert all(map(reading.may_name, ("acme/api", "acme/unknown", "vault", "")))
    assert world.model.reading(LOCAL).may_name("acme/vault")


def test_where_a_component_came_from_is_not_said_of_a_hidden_repository(make_world):
    world = make_world()
    put_all(world, visibility="private")
    for caller, origin in (ANONYMOUS, None), (LOCAL, "acme/vault:x:Copied"):
        (copied,) = world.model.reading(caller).named("acme/api").imported_components
        assert copied.derived_from == origin


def test_a_name_that_a_hidden_one_had_before_is_shown_where_another_has_it_now(make_world):
    world = make_world()
    put_all(world, visibility="private", former_names=("acme/web",))
    reading = world.model.reading(ANONYMOUS)
    assert reading.may_name("acme/web")
    assert "acme/web" in str(reading.named("acme/api").dependencies.consumers)


def test_where_nothing_is_hidden_all_callers_share_one_reading(world):
    assert world.model.reading(ANONYMOUS) is world.model.reading(LOCAL)


def test_pages_that_look_the_same_in_the_next_view_are_the_same_objects(make_world):
    world = make_world()
    put_all(world, visibility="private")
    before = world.model.reading(ANONYMOUS)
    world.put(known("acme/new", 9))
    world.now += LOOK_EVERY_SECONDS
    after = world.model.reading(ANONYMOUS)
    assert len(after.repositories) == 5
    for path, page in before.view.pages.items():
        assert after.view.pages[path] is page, path


def test_a_page_names_the_hidden_one_again_when_it_is_public_again(make_world):
    world = make_world(caller=ANONYMOUS)
    put_all(world, visibility="private")
    everything_said(world)
    world.put(secret())
    world.now += LOOK_EVERY_SECONDS
    assert "acme/vault" in world.page("/repositories/acme/api")


def test_a_view_in_which_nothing_is_hidden_is_shown_itself(world):
    view = world.reading().view
    assert Visible(lambda _: True).of(view).view is view
    hidden = Visible(lambda page: page.repository_name != "acme/api").of(view)
    assert projection_path("acme/api") not in hidden.view.pages
    assert projection_path("acme/api") not in hidden.view.raw
