"""What names of patterns mean: the organisation decides, then everybody's names, then what is alike."""

import numpy as np
import pytest

from devnexus.errors import Unavailable
from devnexus.events.patterns_extracted import Pattern
from devnexus.people.vocabulary import Vocabulary
from extractor.claude.meaning import Meant
from extractor.claude.vocabulary_meaning import Meanings, VocabularyMeaning

NOTHING = Meant()


class Likenesses:
    """An Embedder: texts are like none but those that are said to be."""

    def __init__(self, **of: tuple[str, float]) -> None:
        self._of = {name.replace("_", " "): like for name, like in of.items()}
        self._axes: dict[str, int] = {}
        self.embedded: list[str] = []

    def embed(self, text):
        self.embedded.append(text)
        other, likeness = self._of.get(text, (text, 1.0))
        vector = np.zeros(1000, np.float32)
        vector[self._axes.setdefault(f"own {text}", len(self._axes))] = np.sqrt(1 - likeness**2)
        vector[self._axes.setdefault(other, len(self._axes))] = likeness
        return vector


def vocabulary(**patterns: object) -> Vocabulary:
    return Vocabulary.model_validate(
        {"patterns": {id_.replace("_", "-"): one for id_, one in patterns.items()}}
    )


def meaning(vocabulary=vocabulary(), *, rules=(), **like: tuple[str, float]) -> VocabularyMeaning:  # noqa: B008
    embed = Likenesses(**like).embed if like else None
    return VocabularyMeaning(vocabulary, {one.id: one for one in rules}, embed)


def pattern(of: VocabularyMeaning, id_: str) -> Pattern:
    (found,) = (one for one in of.patterns if one.id == id_)
    return found


def test_the_organisation_decides_over_the_names_that_everybody_uses():
    ours = meaning(vocabulary(saga={"name": "Long transaction", "aliases": ["Outbox"]}))
    assert ours.of("Outbox") == Meant(id="saga") == ours.of("long transactions")
    assert meaning().of("Outbox") == Meant(id="outbox")
    assert "Outbox" in ours.names("saga") and "Outbox" not in ours.names("outbox")
    assert ours.names("saga")[0] == "Long transaction"


def test_what_is_merged_is_no_pattern_of_its_own_and_brings_its_names_along():
    ours = meaning(vocabulary(resending={"name": "Resending", "merge": ["retry-backoff"]}))
    assert "retry-backoff" not in {one.id for one in ours.patterns}
    for name in ("retry-backoff", "Exponential backoff", "resending", "Resending"):
        assert ours.of(name) == Meant(id="resending")
    assert {"Resending", "Retry with backoff", "Exponential backoff"} <= set(ours.names("resending"))
    assert ours.gloss("resending") == meaning().gloss("retry-backoff") != ""


def test_what_only_the_organisation_knows_has_its_category_or_none_and_no_gloss():
    ours = meaning(vocabulary(hexagon={"name": "Hexagon", "category": "shape"}, lone={"name": "Lone wolf"}))
    assert (pattern(ours, "hexagon").name, pattern(ours, "hexagon").category) == ("Hexagon", "shape")
    assert pattern(ours, "lone").category == "unknown"
    assert ours.gloss("hexagon") == "" and ours.names("hexagon") == ("Hexagon",)


def test_the_organisation_may_name_and_sort_anew_what_everybody_knows():
    ours = pattern(meaning(vocabulary(outbox={"name": "Post room", "category": "post"})), "outbox")
    assert (ours.name, ours.category) == ("Post room", "post")


def test_a_pattern_of_a_rule_is_told_as_the_rule_does_so_that_a_record_has_it_once():
    ruled = Pattern(id="outbox", name="Outbox by rule", category="rule", need=("code",))
    of = meaning(rules=[ruled, Pattern(id="own-rule", name="Own", category="rule")])
    assert pattern(of, "outbox") == ruled
    assert of.of("own-rule") == Meant(id="own-rule")
    assert [one.id for one in of.patterns] == sorted(one.id for one in of.patterns)


@pytest.mark.parametrize(
    ("likeness", "meant"),
    [(0.66, Meant(id="saga")), (0.64, Meant(maybe="saga")), (0.61, Meant(maybe="saga")), (0.59, NOTHING)],
)
def test_a_name_means_may_mean_or_does_not_mean_what_it_is_like(likeness, meant):
    assert meaning(long_undoing=("Saga pattern", likeness)).of("long undoing") == meant
    assert meaning().of("long undoing") == NOTHING


def test_a_sure_name_is_not_compared():
    assert meaning(Outbox=("Saga pattern", 1.0)).of("Outbox") == Meant(id="outbox")


def test_nobody_is_accused_of_an_anti_pattern_because_of_a_likeness():
    like = {"quiet_catching": ("Swallowed exceptions", 0.99)}
    assert meaning(**like).of("quiet catching") == Meant(maybe="swallowed-exceptions")
    ours = meaning(vocabulary(hushing={"name": "Hushing", "merge": ["swallowed-exceptions"]}), **like)
    assert ours.of("quiet catching") == Meant(maybe="hushing")
    assert pattern(ours, "hushing").anti


@pytest.mark.parametrize("name", ["without long undoing", "removed long undoing", "no long undoing"])
def test_a_name_that_may_say_the_opposite_is_never_sure(name):
    assert meaning(**{name: ("Saga pattern", 0.99)}).of(name) == Meant(maybe="saga")


def test_a_name_that_means_its_pattern_only_alone_is_no_measure_for_others():
    assert meaning(title_search_engine=("Search engine", 0.99)).of("title search engine") == NOTHING
    assert meaning().of("Search engine") == Meant(id="full-text-search")


def test_a_text_too_long_for_a_name_is_not_even_looked_at():
    likenesses = Likenesses()
    of = VocabularyMeaning(vocabulary(), {}, likenesses.embed)
    assert of.of("saga of " * 13) == NOTHING
    assert likenesses.embedded == []


def test_nothing_is_made_anew_while_people_say_the_same():
    said = vocabulary()
    likenesses = Likenesses()
    meanings = Meanings(lambda: said, {}, likenesses)
    before = meanings.now()
    before.of("long undoing")
    assert meanings.now() is before
    said = vocabulary(saga={"name": "Long transaction"})
    assert meanings.now().of("Long transaction") == Meant(id="saga")
    embedded = len(likenesses.embedded)
    meanings.now().of("long undoing")
    assert set(likenesses.embedded[embedded:]) == {
        "Long transaction",
        f"Long transaction: {before.gloss('saga')}",
    }


def test_what_people_say_that_cannot_be_read_is_not_taken_for_nothing():
    def lost() -> Vocabulary:
        raise Unavailable("the knowledge base cannot be read")

    with pytest.raises(Unavailable):
        Meanings(lost, {}).now()
