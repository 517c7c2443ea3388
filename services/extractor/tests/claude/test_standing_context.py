"""What Claude is told of a repository, and whether it may still be: nothing rather than something else."""

import pytest
from builders import known, repository
from fakes.git_store import MemoryStore

from devnexus.errors import Rejected, Unavailable
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.store import Damaged
from devnexus.people.organisation import Organisation
from devnexus.people.yaml_file import parse
from extractor.claude.brief import RepositoryContext
from extractor.claude.standing_context import StandingContext

PAGE = projection_path("acme/api")
NOTHING_KNOWN = RepositoryContext("acme/api")


def of_acme_api(page, **people):
    store = MemoryStore()
    files = {PAGE: page, **{path: text.encode() for path, text in people.items()}}
    store.commit(files, message="x", expected_head=store.head())
    return StandingContext(store).of(repository())


def test_the_patterns_that_stand_are_told_in_one_order():
    page = known("acme/api", 1, patterns=["saga", "outbox"]).page()
    assert of_acme_api(page) == RepositoryContext("acme/api", (("outbox", "Outbox"), ("saga", "Saga")))


def test_what_people_hid_renamed_or_merged_is_told_as_they_see_it():
    page = known("acme/api", 1, patterns=["kafka", "outbox", "resend", "saga"]).page()
    people = {
        "devnexus.yaml": "hide: [{pattern: saga}]",
        "vocabulary.yaml": "patterns: {retry-backoff: {name: Try again, merge: [resend]}}",
        "corrections/acme/api.yaml": "{hide: [{pattern: outbox}], rename: [{pattern: kafka, name: Bus}]}",
    }
    told = (("kafka", "Bus"), ("retry-backoff", "Try again"))
    assert of_acme_api(page, **people) == RepositoryContext("acme/api", told)


def test_corrections_with_a_mistake_hide_nothing():
    page = known("acme/api", 1, patterns=["saga"]).page()
    told = of_acme_api(page, **{"corrections/acme/api.yaml": "hide: [{patern: saga}]"})
    assert told.standing == (("saga", "Saga"),)


def test_of_a_repository_that_is_gone_nothing_is_told():
    page = known("acme/api", 1, patterns=["saga"]).model_copy(update={"removed": True})
    assert of_acme_api(page.page()) == NOTHING_KNOWN


def test_of_a_repository_without_a_page_nothing_stands():
    assert StandingContext(MemoryStore()).of(repository()) == NOTHING_KNOWN


def test_what_stands_in_another_repository_that_had_the_name_is_not_told():
    assert of_acme_api(known("acme/api", 2, patterns=["saga"]).page()) == NOTHING_KNOWN


@pytest.mark.parametrize("page", [b"", b"{}", b"[" * 100_000, b"\xff", b'{"repository_id": "github.com/1"}'])
def test_a_page_that_is_none_keeps_nobody_from_reading(page, caplog):
    assert of_acme_api(page) == NOTHING_KNOWN
    assert "what stands for acme/api is not known" in caplog.text


@pytest.mark.parametrize("error", [Unavailable("no answer"), Damaged("lost objects"), OSError("disk")])
@pytest.mark.parametrize("broken", ["head", "read"])
def test_a_knowledge_base_that_does_not_answer_keeps_nobody_from_reading(error, broken, monkeypatch):
    def fails(*_, **__):
        raise error

    store = MemoryStore()
    monkeypatch.setattr(store, broken, fails)
    assert StandingContext(store).of(repository()) == NOTHING_KNOWN


PRIVATE = known("acme/api", 1).model_copy(update={"visibility": "internal"}).page()
EVERYBODY = Organisation()
LISTED = parse(Organisation, b"claude: {repositories: [acme/api]}")


def still_public(page, organisation=EVERYBODY, **asked):
    store = MemoryStore()
    store.commit({PAGE: page} if page else {"x": b"y"}, message="x", expected_head=store.head())
    return StandingContext(store).check_still_public(repository().model_copy(update=asked), organisation)


def test_what_waited_while_its_repository_became_private_is_not_read():
    with pytest.raises(Rejected, match="has become private"):
        still_public(PRIVATE)
    with pytest.raises(Unavailable):
        still_public(b"{}")


def test_what_is_public_listed_or_not_known_is_read():
    still_public(known("acme/api", 1).page())
    still_public(PRIVATE, LISTED)
    still_public(PRIVATE, private=True)  # its policy was held against that
    still_public(None)
