"""What people say in their files, as agents and browsers get to see it."""

import pytest

VOCABULARY = """
patterns:
  retry-backoff: {name: Retry with backoff, aliases: [Exponential backoff]}
"""
CORRECTIONS = """
rename: [{pattern: metrics, name: Prometheus metrics}]
confirm: [{pattern: outbox, by: ada@acme.example, reason: we wrote it}]
note:
  - {text: Moves to Go in June}
  - {text: Only for queues, pattern: Metrics, by: bob}
"""


@pytest.fixture
def say(world):
    def say(**files):
        contents = {f"{path.replace('__', '/')}.yaml": text.encode() for path, text in files.items()}
        world.store.commit(contents, message="people", expected_head=world.store.head())
        world.now += 2

    return say


def test_a_pattern_is_found_by_its_aliases(world, say):
    say(vocabulary=VOCABULARY)
    answer = world.execute("query_patterns", patterns=["exponential BACKOFF"]).json()
    assert answer["total_matches"] == 4
    assert answer["matches"][0]["matched_patterns"] == ["Retry with backoff"]
    (common,) = world.execute("get_cross_repo_patterns", pattern_type="exponential").json()[
        "cross_repo_patterns"
    ]
    assert (common["id"], common["repo_count"]) == ("retry-backoff", 4)
    assert "4 of 5 repositories use it" in world.page("/patterns/Exponential%20backoff")


def test_the_page_of_a_repository_shows_what_people_say_and_what_nobody_can_show(world, say):
    say(corrections__acme__api=CORRECTIONS)
    page = world.page("/repositories/acme/api")
    assert "Note: Moves to Go in June" in page
    assert "Prometheus metrics" in page
    assert "Only for queues (bob)" in page
    assert "Confirmed by ada@acme.example: we wrote it" in page
    assert page.count("unverified") == 2  # its class and its word
    assert "unverified" in world.page("/patterns/outbox")
    evidence = world.execute("query_patterns", patterns=["Outbox", "metrics"]).json()["matches"][0][
        "evidence"
    ]
    assert [(one["id"], one["unverified"]) for one in evidence] == [("metrics", False), ("outbox", True)]
    assert "outbox" in world.page("/pairs/acme/api/acme/billing")
    assert "Confirmed" not in world.page("/repositories/acme/billing")


def test_an_excluded_repository_is_not_there(world, say):
    say(devnexus="repositories: {exclude: [acme/reports]}")
    names = world.execute("get_repository_list", include_metadata=False).json()["repositories"]
    assert "acme/reports" not in names
    assert len(names) == 4
    assert world.client.get("/repositories/acme/reports", headers=world.BROWSER).status_code == 404


def test_a_file_with_a_mistake_is_named_on_the_overview_and_its_last_good_version_holds(world, say):
    say(devnexus="repositories: {exclude: [acme/reports]}")
    good = world.store.head()
    say(devnexus="repositories:\n  exlude: [acme/web]")
    page = world.page("/overview")
    assert "line 2: repositories: there is no field exlude" in page
    assert f"Its version of revision <code>{good[:7]}</code> stands in" in page
    assert "acme/reports" not in page
    assert "acme/web" in page
