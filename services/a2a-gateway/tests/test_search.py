"""In which order repositories are found, and that what is looked up follows the pages."""

import random

import pytest
from builders import known

from a2a_gateway.knowledge.lookups import Lookups

PATTERNS = ("retry-backoff", "rest-api", "metrics", "redis-caching", "orm")


def page(name, number, *, keywords=(), domain="unknown", **changes):
    entry = {"keywords": tuple(keywords), "problem_domain": domain}
    made = known(name, number, patterns=changes.pop("patterns", ()))
    latest = made.latest_patterns.model_copy(update=entry)
    return made.model_copy(update={"latest_patterns": latest, **changes})


def by_id(*pages):
    return {one.repository_id: one for one in pages}


def names(found):
    return [one.page.repository_name for one in found]


def test_of_as_many_keywords_the_rarer_ones_count_first():
    pages = [page(f"acme/a{number}", number, keywords=["common"]) for number in range(1, 4)]
    pages += [page("acme/z", 9, keywords=["rare"]), page("acme/both", 10, keywords=["rare", "common"])]
    found = Lookups().after(by_id(*pages)).by_keywords(["common", "rare"], at_least=1)
    assert names(found) == ["acme/both", "acme/z", "acme/a1", "acme/a2", "acme/a3"]
    assert [one.count for one in found] == [2, 1, 1, 1, 1]
    assert names(Lookups().after(by_id(*pages)).by_keywords(["common", "rare"], at_least=2)) == ["acme/both"]


def test_more_keywords_come_before_rarer_ones():
    pages = [page(f"acme/b{number}", number, keywords=["common", "usual"]) for number in range(1, 6)]
    pages.append(page("acme/a", 9, keywords=["rare"]))
    found = Lookups().after(by_id(*pages)).by_keywords(["common", "usual", "rare"], at_least=1)
    assert (names(found)[-1], found[5].count) == ("acme/a", 1)
    assert found[5].score > found[0].score


def test_of_equal_keywords_the_place_where_they_stand_besides_decides_then_the_name():
    pages = [
        page("acme/b", 1, keywords=["billing"]),
        page("acme/a", 2, keywords=["billing"]),
        page("acme/c", 3, keywords=["billing"], introduction="Does the billing of all."),
        page("acme/d", 4, keywords=["billing"], domain="Billing"),
        page("acme/billing-api", 5, keywords=["billing"]),
    ]
    found = Lookups().after(by_id(*pages)).by_keywords(["billing"], at_least=1)
    assert names(found) == ["acme/billing-api", "acme/d", "acme/c", "acme/a", "acme/b"]


def test_a_text_finds_names_before_introductions_and_rare_words_before_common_ones():
    pages = [
        page("acme/orders", 1, introduction="Takes orders and tells of invoices."),
        page("acme/invoices", 2, introduction="Keeps what customers owe."),
        page("acme/gateway", 3, patterns=["retry-backoff"], introduction="Takes orders."),
        page("acme/other", 4),
    ]
    lookups = Lookups().after(by_id(*pages))
    assert names(lookups.by_text("invoices", at_least=1)) == ["acme/invoices", "acme/orders"]
    assert names(lookups.by_text("retrying orders", at_least=1))[0] == "acme/gateway"
    assert names(lookups.by_text("retrying orders", at_least=2)) == ["acme/gateway"]
    assert names(lookups.by_text("nothing like it", at_least=1)) == []


def test_scores_of_a_text_are_those_of_the_formula():
    pages = [page("a/x", 1), page("a/y", 2)]
    (found,) = Lookups().after(by_id(*pages)).by_text("x", at_least=1)
    # both as long as the mean: ln(1 + 1.5 / 1.5) * 3 * 2.2 / (3 + 1.2)
    assert found.score == pytest.approx(0.6931 * 3 * 2.2 / 4.2, rel=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_what_follows_from_state_to_state_is_what_is_made_at_once(seed):
    chance = random.Random(seed)
    pages, following = {}, Lookups()
    for _ in range(30):
        number = chance.randrange(1, 9)
        if chance.random() < 0.25:
            pages = {id_: one for id_, one in pages.items() if id_ != f"github.com/{number}"}
        else:
            one = page(
                f"acme/{chance.choice('abcdefgh')}{number}",
                number,
                keywords=chance.sample(["retry", "api", "orders", "billing"], k=2),
                patterns=chance.sample(PATTERNS, k=2),
            )
            pages = {**pages, one.repository_id: one}
        following = following.after(pages)
        anew = Lookups().after(pages)
        assert following.pages == anew.pages
        assert (following.having, following.pattern_names) == (anew.having, anew.pattern_names)
        for ask in (
            lambda one: one.by_keywords(["retry", "api"], at_least=1),
            lambda one: one.by_patterns(PATTERNS, at_least=1),
            lambda one: one.by_text("retry orders b3", at_least=1),
        ):
            assert list(ask(following)) == list(ask(anew))


def test_query_patterns_searches_by_text_and_says_which_words_a_repository_has(world):
    answer = world.execute("query_patterns", search="celery jobs with retries", limit=2).json()
    first = answer["matches"][0]
    assert (first["repository"], first["matched_keywords"]) == ("acme/jobs", ["jobs", "retries"])
    assert first["score"] > answer["matches"][1]["score"] > 0
    found = world.execute("query_patterns", search="retries", repository="acme/web").json()
    assert [one["repository"] for one in found["matches"]] == ["acme/web"]
    assert world.execute("query_patterns", search=" ").status_code == 400


def test_keywords_that_nobody_has_are_not_kept(world):
    lookups = world.reading().lookups
    for number in range(50):
        assert not lookups.by_keywords([f"word{number}"], at_least=1)
    assert len(lookups._columns) < 50
