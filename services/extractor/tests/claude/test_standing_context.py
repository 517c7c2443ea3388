"""What Claude is told of a repository: what stands there, and nothing rather than something else."""

import pytest
from builders import known, repository
from fakes.git_store import MemoryStore

from devnexus.errors import Unavailable
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.store import Damaged
from extractor.claude.brief import RepositoryContext
from extractor.claude.standing_context import StandingContext

PAGE = projection_path("acme/api")
NOTHING_KNOWN = RepositoryContext("acme/api")


def of_acme_api(page):
    store = MemoryStore()
    store.commit({PAGE: page}, message="x", expected_head=store.head())
    return StandingContext(store).of(repository())


def test_the_patterns_that_stand_are_told_in_one_order():
    page = known("acme/api", 1, patterns=["saga", "outbox"]).page()
    assert of_acme_api(page) == RepositoryContext("acme/api", (("outbox", "Outbox"), ("saga", "Saga")))


def test_of_a_repository_without_a_page_nothing_stands():
    assert StandingContext(MemoryStore()).of(repository()) == NOTHING_KNOWN


def test_what_stands_in_another_repository_that_had_the_name_is_not_told():
    assert of_acme_api(known("acme/api", 2, patterns=["saga"]).page()) == NOTHING_KNOWN


@pytest.mark.parametrize("page", [b"", b"{}", b"[" * 100_000, b"\xff", b'{"repository_id": "github.com/1"}'])
def test_a_page_that_is_none_keeps_nobody_from_reading(page, caplog):
    assert of_acme_api(page) == NOTHING_KNOWN
    assert "what stands for acme/api is not known" in caplog.text


@pytest.mark.parametrize("error", [Unavailable("no answer"), Damaged("lost objects")])
@pytest.mark.parametrize("broken", ["head", "read"])
def test_a_knowledge_base_that_does_not_answer_keeps_nobody_from_reading(error, broken, monkeypatch):
    def fails(*_, **__):
        raise error

    store = MemoryStore()
    monkeypatch.setattr(store, broken, fails)
    assert StandingContext(store).of(repository()) == NOTHING_KNOWN
