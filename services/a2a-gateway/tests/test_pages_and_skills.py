"""The pages show people what the skills tell agents."""

from issues import had, issue


def test_what_is_told_of_a_repository_later_does_not_make_it_read_later(writer):
    lesson = {"category": "cost", "lesson": "Cache it", "context": "a bill"}
    assert writer.execute("add_lesson_learned", repository="acme/api", **lesson).json()["committed"]
    listed = writer.execute("get_repository_list").json()["repositories"]
    (read_at,) = [one["last_updated"] for one in listed if one["name"] == "acme/api"]
    page = writer.page("/repositories/acme/api")
    assert "Last read on" in page and "Cache it" in page
    assert f"{read_at[:10]} {read_at[11:16]}" in page.partition("Last read on")[2][:100]


def test_a_pattern_fares_on_its_page_as_the_skill_says(world):
    had(world, "acme/api", issue(1), issue(2))
    told = world.execute("get_pattern_health", pattern_name="retry-backoff").json()
    page = world.page("/patterns/retry-backoff")
    assert told["recommendation"] in page
    assert f"Health score {told['health_score']:.2f}" in page
    assert f"{told['total_repos']} of 5 repositories use it" in page


def test_two_repositories_are_as_alike_on_their_page_as_the_skill_says(world):
    (alike, *_) = world.execute("find_similar_repositories", repository="acme/api").json()["similar"]
    page = world.page(f"/pairs/acme/api/{alike['repository']}")
    assert f"They are {alike['score']:.2f} alike" in page
    assert all(one["name"] in page for one in alike["shared_patterns"] + alike["shared_packages"])
    assert f"{alike['overlap']['patterns']} patterns" in page


def test_a_receipt_names_the_page_that_shows_the_same(told):
    receipt = told.execute("get_receipt", repository="acme/api").json()
    page = told.page(receipt["page"])
    assert receipt["summary"] in page
    assert all(one["pattern"] in page for one in receipt["patterns"])
    assert all(one["path"] in page for one in receipt["redacted"])
