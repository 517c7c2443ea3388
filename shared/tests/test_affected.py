"""Who is told that something of a package has changed which they use."""

import pytest
from builders import component, pushed, record_of, repository

from devnexus.alike import sentences
from devnexus.alike.affected import affected
from devnexus.events.patterns_extracted import Dependency, FileReading, Manifest
from devnexus.knowledge.consumers import Uses
from devnexus.knowledge.fold import fold

OLD = [f"line {n}" for n in range(12)]
NEW = [*OLD, "one more"]


def publishing(*files, language="Python", packages=(("pyproject.toml", "pypi", "core"),)):
    """acme/core with the class C in each of these files, (path, lines) each."""
    read = [
        FileReading(path=path, status="modified", language=language, components=(component("C", lines),))
        for path, lines in files
    ]
    for path, ecosystem, name in packages:
        manifest = Manifest(ecosystem=ecosystem, name=name, line=2)
        read.append(FileReading(path=path, status="modified", manifest=manifest))
    return fold([record_of(pushed("0", str(files), repository=repository("acme/core", 1)), *read)]).project()


def asking(number, package="core", group="", ecosystem="pypi"):
    dependency = Dependency(name=package, group=group, line=9)
    manifest = Manifest(ecosystem=ecosystem, dependencies=(dependency,))
    push = pushed("0", str(number), repository=repository(f"acme/r{number}", number))
    file = FileReading(path="pyproject.toml", status="added", manifest=manifest)
    return fold([record_of(push, file)]).project()


def told(here, old, *others):
    uses = Uses()
    uses.move_to({page.repository_id: page for page in (here, *others)})
    return affected(here, old, uses.of(here.repository_id))


def names(found):
    return [one.name for one in found.changed], [one.repository.name for one in found.consumers]


def test_those_who_need_it_to_run_are_told_first_of_what_changed():
    found = told(
        publishing(("src/a.py", NEW)), publishing(("src/a.py", OLD)), asking(2, group="dev"), asking(3)
    )
    assert [(one.repository.name, one.is_strong) for one in found.consumers] == [
        ("acme/r3", True),
        ("acme/r2", False),
    ]
    assert sentences.consumers(found.consumers, found.count, found.changed) == (
        "2 repositories use core, of which this changed C (src/a.py:1-13): "
        "acme/r3 (pyproject.toml:9), acme/r2 (pyproject.toml:9, to build or test)"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([("src/a.py", OLD)], [("src/a.py", OLD), ("src/b.py", NEW)]),
        ([("src/a.py", OLD), ("src/b.py", NEW)], [("src/a.py", OLD)]),
    ],
)
def test_a_component_that_came_or_went_is_a_change(old, new):
    assert names(told(publishing(*new), publishing(*old), asking(2))) == (["C"], ["acme/r2"])


def test_nobody_is_told_where_nothing_or_only_a_place_changed():
    page = publishing(("src/a.py", OLD))
    assert names(told(page, page, asking(2))) == ([], [])
    assert names(told(publishing(("src/b.py", OLD)), page, asking(2))) == ([], [])
    assert names(told(publishing(("src/a.py", NEW)), page)) == ([], [])


@pytest.mark.parametrize(
    ("path", "language", "expected"),
    [
        ("a/src/x.py", "Python", ["acme/r2"]),
        ("b/src/x.py", "Python", ["acme/r3"]),
        ("ab/src/x.py", "Python", ["acme/r4"]),
        ("a/src/x.ts", "TypeScript", ["acme/r5"]),
        ("a/src/x.hs", "Haskell", ["acme/r2"]),
    ],
)
def test_what_changed_belongs_to_the_nearest_package_of_its_language(path, language, expected):
    packages = [
        ("a/pyproject.toml", "pypi", "one"),
        ("b/pyproject.toml", "pypi", "two"),
        ("pyproject.toml", "pypi", "all"),
        ("package.json", "npm", "web"),
    ]
    users = [
        *(asking(number, name) for number, name in enumerate(["one", "two", "all"], start=2)),
        asking(5, "web", ecosystem="npm"),
    ]
    pages = [publishing((path, lines), language=language, packages=packages) for lines in (NEW, OLD)]
    assert names(told(*pages, *users))[1] == expected


def test_what_did_not_fit_on_the_page_before_is_not_called_new():
    files = [(f"src/a{n:03}.py", [f"{n} {line}" for line in OLD]) for n in range(200)]
    shorter = ("src/z.py", NEW[-4:])
    assert names(told(publishing(*files), publishing(*files[:199]), asking(2)))[1] == ["acme/r2"]
    assert names(told(publishing(*files[1:], shorter), publishing(*files, shorter), asking(2))) == ([], [])


def test_the_lists_are_bounded_and_the_count_is_not():
    files = [(f"src/a{n}.py", [f"{n} {line}" for line in OLD]) for n in range(30)]
    found = told(publishing(*files), publishing(), *(asking(n) for n in range(2, 62)))
    assert (len(found.changed), len(found.consumers), found.count) == (10, 50, 60)
