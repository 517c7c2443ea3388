"""What an organisation calls its patterns, while it changes its mind."""

import pytest
from fakes.knowledge import make_store

from devnexus.knowledge.followed_organisation import (
    LOOK_EVERY_SECONDS,
    FollowedOrganisation,
    FollowedVocabulary,
)


@pytest.fixture
def store(tmp_path):
    store = make_store(tmp_path / "knowledge.git")
    yield store
    store.close()


def say(store, path, text):
    store.commit({path: text.encode()}, message="x", expected_head=store.head())


def test_the_vocabulary_is_followed_and_settings_beside_it_are_not_mixed_up_with_it(store):
    seconds = 0.0
    vocabulary = FollowedVocabulary(store, clock=lambda: seconds)
    organisation = FollowedOrganisation(store, clock=lambda: seconds)
    before = vocabulary.now(), organisation.now()
    assert before[0].canonical("Resend") is None
    say(store, "vocabulary.yaml", "patterns: {retry-backoff: {name: Resend}}")
    seconds += LOOK_EVERY_SECONDS
    assert vocabulary.now().canonical("Resend") == "retry-backoff"
    assert organisation.now() is before[1]


def test_of_a_vocabulary_with_a_mistake_the_last_good_one_holds_and_the_mistake_is_logged(store, caplog):
    say(store, "vocabulary.yaml", "patterns: {retry-backoff: {name: Resend}}")
    say(store, "vocabulary.yaml", "patterns: {retry-backoff: {nam: Again}}")
    assert FollowedVocabulary(store).now().canonical("Resend") == "retry-backoff"
    assert ["vocabulary.yaml is used as of" in one.message for one in caplog.records] == [True]
