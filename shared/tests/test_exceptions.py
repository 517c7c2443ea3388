"""In what a repository is the exception among its kind: patterns it lacks, and packages it does them with."""

import pytest
from builders import known, manifest, pushed, reading, record_of, repository, row

from devnexus.alike import sentences
from devnexus.alike.exceptions import exceptions_in
from devnexus.alike.following import index_of
from devnexus.alike.reasons import named
from devnexus.events.patterns_extracted import FileReading, Pattern
from devnexus.knowledge.fold import fold
from devnexus.knowledge.last_good import LastGood
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.people import People
from devnexus.knowledge.view import View
from devnexus.people.corrections import Corrections
from devnexus.people.yaml_file import parse

COMMON = ["rest-api", "ci-cd", "health-check"]
RETRY = Pattern(id="retry-backoff", name="Retry with backoff", category="resilience")


def doing(number, *packages, ecosystem="pypi", minute=0, later=0, path="pyproject.toml", extra=""):
    """A service that retries with these packages; it came to that `later` than it was first pushed to."""
    name = f"acme/r{number}"
    asked = manifest(*packages).model_copy(update={"ecosystem": ecosystem})
    if extra:
        some = tuple(one.model_copy(update={"group": extra}) for one in asked.dependencies)
        asked = asked.model_copy(update={"dependencies": some})
    files = [reading(f"src/{id_}.py", row(rule=id_, weight=0.8)) for id_ in COMMON]
    rows = tuple(
        row(rule=RETRY.id, line=one.line, weight=0.8, kind="dependency") for one in asked.dependencies
    )
    retrying = FileReading(path=path, status="added", manifest=asked, rows=rows)
    told = [RETRY, *(Pattern(id=id_, name=id_, category="x") for id_ in COMMON)]
    first = pushed("0", f"{name} 1", minute, repository=repository(name, number))
    second = pushed(f"{name} 1", f"{name} 2", minute + later, repository=repository(name, number))
    records = [record_of(first, *files, patterns=told), record_of(second, retrying, patterns=told)]
    if not later:
        records = [record_of(first, *files, retrying, patterns=told)]
    return fold(records).project()


def exceptions(here, *others, meant=None):
    said = {"corrections/acme/r1.yaml": LastGood(parse(Corrections, meant))} if meant else {}
    pages = {projection_path(page.repository_name): page for page in (here, *others)}
    view = View("r1", pages, people=People(said))
    return exceptions_in(view, index_of(view), here)


def test_the_second_exception_is_told_so_with_the_newest_example():
    others = [known(f"acme/s{n}", n, patterns=[*COMMON, RETRY.id], minute=n) for n in range(20, 27)]
    late = doing(30, "tenacity", later=5)
    exception, here = known("acme/x", 1, patterns=COMMON), known("acme/billing", 2, patterns=COMMON)
    (lacking,) = exceptions(here, exception, *others, late).missing
    assert (lacking.category, lacking.is_newest) == ("resilience", True)
    assert sentences.missing(named(here), lacking) == (
        "8 of 10 repositories of its kind have Retry with backoff; acme/billing is one of 2 exceptions "
        "(newest example acme/r30 pyproject.toml:5)"
    )


def test_what_no_repository_of_its_language_shows_may_be_there_in_a_form_that_nobody_recognises():
    here = known("acme/billing", 1, patterns=COMMON)
    in_go = here.model_copy(update={"primary_language": "Go"})
    others = [known(f"acme/r{n}", n, patterns=[*COMMON, RETRY.id], minute=n) for n in range(3, 6)]
    assert exceptions(here, *others).missing
    assert not exceptions(in_go, *others).missing
    gopher = others[0].model_copy(update={"primary_language": "Go"})
    (lacking,) = exceptions(in_go, gopher, *others[1:]).missing
    assert (lacking.example.name, lacking.have) == ("acme/r3", 3)


def test_nobody_is_missing_what_is_better_avoided():
    here = known("acme/billing", 1, patterns=COMMON)
    bad = [*COMMON, "swallowed-exceptions"]
    assert not exceptions(here, *(known(f"acme/r{n}", n, patterns=bad) for n in range(3, 6)))


def test_an_example_that_may_be_as_old_as_its_repository_is_not_called_the_newest():
    here = known("acme/billing", 2, patterns=COMMON)
    (lacking,) = exceptions(here, *(doing(n, "tenacity", minute=n) for n in range(3, 6))).missing
    assert (lacking.example.name, lacking.is_newest) == ("acme/r5", False)


def test_who_does_with_another_package_what_its_kind_does_with_one_is_a_variant():
    here = doing(1, "backoff")
    others = [doing(n, "tenacity", later=n) for n in range(2, 5)]
    (variant,) = exceptions(here, *others, doing(9, "got", ecosystem="npm")).variants
    assert sentences.variant(named(here), variant) == (
        "3 of 4 repositories of its kind do Retry with backoff with tenacity; "
        "acme/r1 does it with backoff (pyproject.toml:5; newest example acme/r4 pyproject.toml:5)"
    )
    assert exceptions(others[0], here, *others[1:]).variants == ()
    assert exceptions(here, *others[:2]).variants == ()


def test_what_most_do_counts_whatever_else_some_of_them_do():
    others = [*(doing(n, "tenacity") for n in range(2, 8)), doing(20, "retrying")]
    (variant,) = exceptions(doing(1, "backoff"), *others).variants
    assert (variant.theirs, variant.have, variant.of) == ("tenacity", 6, 8)


@pytest.mark.parametrize(
    "here",
    [
        doing(1, "tenacity"),
        doing(1, "flask-retry"),
        doing(1, "tenacity-more"),
        doing(1, "backoff", extra="dev"),
        doing(1, "backoff", path="examples/pyproject.toml"),
        doing(1, "got", ecosystem="npm"),
        doing(1, "x" * 300),
        known("acme/r1", 1, patterns=[*COMMON, RETRY.id], packages=["backoff"]),
    ],
)
def test_what_may_be_the_same_or_is_not_known_is_no_variant(here):
    assert exceptions(here, *(doing(n, "tenacity") for n in range(2, 6))).variants == ()


def test_the_versions_of_a_go_module_are_one_package():
    modules = ["acme.dev/retry", "acme.dev/retry/v2", "acme.dev/retry/v3"]
    others = [doing(n, module, ecosystem="golang") for n, module in enumerate(modules, start=2)]
    (variant,) = exceptions(doing(1, "example.org/pause/v4", ecosystem="golang"), *others).variants
    assert (variant.have, variant.of, variant.ours) == (3, 4, "example.org/pause/v4")


def test_two_packages_on_one_line_say_nothing_of_which_does_it():
    page = doing(1, "backoff")
    two = page.declared_dependencies[0].model_copy(update={"name": "other"})
    page = page.model_copy(update={"declared_dependencies": (*page.declared_dependencies, two)})
    assert exceptions(page, *(doing(n, "tenacity") for n in range(2, 6))).variants == ()


def test_the_same_exception_as_before_is_not_new():
    others = [doing(n, "tenacity") for n in range(2, 6)]
    lacking = exceptions(known("acme/r1", 1, patterns=COMMON), *others)
    varying = exceptions(doing(1, "backoff"), *others)
    assert (len(lacking.beyond(varying).missing), len(varying.beyond(lacking).variants)) == (1, 1)
    assert not lacking.beyond(lacking) and not varying.beyond(varying)


def test_an_exception_that_people_mean_is_none():
    others = [doing(n, "tenacity") for n in range(2, 6)]
    meant = b"hide: [{exception: Retry with backoff, reason: the broker does}]"
    assert not exceptions(known("acme/r1", 1, patterns=COMMON), *others, meant=meant)
    assert not exceptions(doing(1, "backoff"), *others, meant=meant)
    assert exceptions(doing(1, "backoff"), *others, meant=b"hide: [{exception: orm}]")
