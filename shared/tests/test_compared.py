"""What stays of a page for those who only compare: enough to say the same."""

import pytest
from builders import component, manifest, pushed, reading, record_of, row

from devnexus.alike.bag import bag_of, places_of
from devnexus.alike.compared import compared
from devnexus.alike.copies import shared_components
from devnexus.alike.ways import ways_of
from devnexus.events.patterns_extracted import FileReading, Pattern
from devnexus.knowledge.corrected import Catalogue, corrected
from devnexus.knowledge.fold import fold
from devnexus.people.corrections import Corrections
from devnexus.people.vocabulary import Vocabulary
from devnexus.people.yaml_file import parse

ROWS = [
    row(rule="kafka", line=9, weight=0.9, kind="dependency"),
    row(rule="kafka", line=3, weight=0.5),
    row(rule="kafka", line=7, weight=0.6),
    row(rule="event-bus", line=2, weight=0.55),
    row(rule="event-bus", line=5, weight=0.8, kind="path"),
]
TOLD = [Pattern(id=id_, name=id_.capitalize(), category="x") for id_ in ("kafka", "event-bus", "orm")]
CODE = component("Client", [f"line {number}" for number in range(30)])
FILE = reading("src/bus.py", *ROWS).model_copy(update={"components": (CODE,)})
MANIFEST = FileReading(
    path="pyproject.toml",
    status="modified",
    manifest=manifest("peewee"),
    rows=(row(rule="orm", line=5, weight=0.8, kind="dependency"),),
)
PAGE = fold(
    [record_of(pushed(f"{n}", f"{n + 1}", n), FILE, MANIFEST, patterns=TOLD) for n in range(8)]
).project()
ONE_WORD = "patterns: {kafka: {name: Kafka, merge: [event-bus]}}"


@pytest.mark.parametrize("vocabulary", ["", ONE_WORD])
@pytest.mark.parametrize(
    "corrections", ["", "hide: [{component: Client}]", "rename: [{pattern: kafka, name: K}]"]
)
def test_what_is_left_of_a_page_compares_as_the_whole_page_does(vocabulary, corrections):
    whole, left = (
        corrected(
            page,
            vocabulary=parse(Vocabulary, vocabulary.encode()),
            corrections=parse(Corrections, corrections.encode()),
            catalogue=Catalogue(),
        )
        for page in (PAGE, compared(PAGE))
    )
    assert bag_of(left) == bag_of(whole)
    assert places_of(left) == places_of(whole)
    assert ways_of(left) == ways_of(whole)
    assert ("orm", "pypi") in ways_of(left)
    assert left.primary_language == whole.primary_language == "Python"
    assert shared_components(left, PAGE) == shared_components(whole, PAGE)


def test_what_is_left_is_a_page_and_a_small_one():
    left = compared(PAGE)
    kinds = {id_: [row.kind for row in one.evidence] for id_, one in left.standing_patterns.items()}
    assert kinds == {"event-bus": ["code"], "kafka": ["dependency", "code"], "orm": ["dependency"]}
    assert (len(left.recent), left.components[0].public_methods) == (1, ())
    assert len(left.page()) < len(PAGE.page()) * 0.7
