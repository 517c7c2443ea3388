"""Who uses what another repository publishes."""

import pytest
from builders import pushed, record_of, repository

from devnexus.events.patterns_extracted import Dependency, FileReading, Manifest
from devnexus.knowledge.consumers import relationships, uses
from devnexus.knowledge.fold import fold


def known(number, name, published=None, *, asks=(), path="package.json", is_private=False):
    dependencies = tuple(Dependency(name=one, group=group, line=9) for one, group in asks)
    manifest = Manifest(
        ecosystem="npm",
        name=published,
        line=2 if published else None,
        is_private=is_private,
        dependencies=dependencies,
    )
    file = FileReading(path=path, status="added", manifest=manifest)
    push = pushed("0", name, repository=repository(name, number))
    return fold([record_of(push, file)]).project()


def test_a_manifest_that_names_what_another_publishes_makes_a_consumer_with_both_lines():
    client = known(1, "acme/client", "@acme/client", path="lib/package.json")
    shop = known(2, "acme/shop", asks=[("@acme/client", ""), ("react", "")])
    (use,) = uses([client, shop])["github.com/1"]
    assert (use.consumer, use.published.path, use.published.line) == ("github.com/2", "lib/package.json", 2)
    assert (use.asked.path, use.asked.line) == ("package.json", 9)
    (row,) = relationships([use])
    assert (row.target_repo, row.relationship_type, row.dependency_strength) == (
        "acme/shop",
        "consumer",
        "strong",
    )


def test_what_is_asked_for_only_in_development_is_a_weak_dependency():
    pages = [known(1, "acme/lint", "lint"), known(2, "acme/shop", asks=[("lint", "devDependencies")])]
    (row,) = relationships(uses(pages)["github.com/1"])
    assert row.dependency_strength == "weak"
    both = [known(1, "acme/lint", "lint"), known(2, "acme/shop", asks=[("lint", "devDependencies")])]
    more = both[1].declared_dependencies[0].model_copy(update={"name": "core", "group": ""})
    package = both[0].published_packages[0].model_copy(update={"name": "core"})
    both[0] = both[0].model_copy(update={"published_packages": (*both[0].published_packages, package)})
    both[1] = both[1].model_copy(update={"declared_dependencies": (*both[1].declared_dependencies, more)})
    (row,) = relationships(uses(both)["github.com/1"])
    assert row.dependency_strength == "strong"


def test_a_name_that_two_repositories_publish_says_nothing():
    pages = [known(1, "acme/a", "app"), known(2, "acme/b", "app"), known(3, "acme/c", asks=[("app", "")])]
    assert uses(pages) == {}


@pytest.mark.parametrize(("ecosystem", "is_one"), [("nuget", True), ("npm", False)])
def test_the_case_of_a_name_matters_only_where_the_registry_says_so(ecosystem, is_one):
    pages = [known(1, "acme/core", "Acme.Core"), known(2, "acme/shop", asks=[("acme.core", "")])]
    package, asked = pages[0].published_packages[0], pages[1].declared_dependencies[0]
    named = {"ecosystem": ecosystem}
    core = pages[0].model_copy(update={"published_packages": (package.model_copy(update=named),)})
    shop = pages[1].model_copy(update={"declared_dependencies": (asked.model_copy(update=named),)})
    assert bool(uses([core, shop])) == is_one


def test_what_one_manifest_needs_to_run_another_may_need_for_development_only():
    def asking(path, group):
        dependency = Dependency(name="core", group=group, line=3)
        manifest = Manifest(ecosystem="npm", dependencies=(dependency,))
        return FileReading(path=path, status="added", manifest=manifest)

    files = [asking("a/package.json", "dev"), asking("b/package.json", "")]
    shop = fold([record_of(pushed("0", "2", repository=repository("acme/shop", 2)), *files)]).project()
    (use,) = uses([known(1, "acme/core", "core"), shop])["github.com/1"]
    assert (use.asked.path, use.relationship().dependency_strength) == ("b/package.json", "strong")


def test_nobody_is_a_consumer_of_itself_or_of_another_ecosystem():
    itself = known(1, "acme/a", "app", asks=[("app", "")])
    assert uses([itself]) == {}
    assert uses([known(1, "acme/a", "app"), known(2, "acme/b", asks=[("App", "")])]) == {}


def test_who_asks_for_the_name_of_a_package_that_is_never_published_means_another():
    shop = known(2, "acme/shop", asks=[("web", "")])
    assert uses([known(1, "acme/site", "web", is_private=True), shop]) == {}
    assert uses([known(1, "acme/site", "web"), shop]) != {}


def test_the_manifest_of_a_test_or_an_example_publishes_nothing():
    assert known(1, "acme/a", "react", path="tests/fixtures/package.json").published_packages == ()
