"""Routes that people edit in the knowledge base."""

import logging

import pytest

from devnexus.people.organisation import Organisation
from devnexus.people.yaml_file import parse
from notifier.followed_routes import FollowedRoutes
from notifier.routes import load_kinds, parse_routes

FILE = {
    "targets": {"team": {"channel": "console"}, "audit": {"channel": "console"}},
    "routes": [{"to": ["audit"]}],
}


class Settings:
    def __init__(self, text=""):
        self.say(text)

    def say(self, text):
        self.organisation = parse(Organisation, text.encode())

    def now(self):
        return self.organisation


def told(routes, repository):
    return list(routes.now().asking(repository, "live"))


@pytest.fixture
def file():
    return parse_routes(FILE, load_kinds(), file="routes.yaml")


def test_the_routes_of_the_file_hold_until_the_organisation_has_some(file):
    settings = Settings("repositories: {}")
    routes = FollowedRoutes(file, settings)
    assert told(routes, "acme/api") == ["audit"]
    settings.say("routes: [{to: [team], repositories: [Acme/*]}]")
    assert told(routes, "acme/API") == ["team"]
    assert told(routes, "other/api") == []
    settings.say("routes: []")
    assert told(routes, "acme/api") == []
    settings.say("")
    assert told(routes, "acme/api") == ["audit"]


def test_without_a_knowledge_base_the_file_is_all_there_is(file):
    assert FollowedRoutes(file, None).now() is file


def test_a_target_that_is_not_there_is_named_once_and_the_others_are_told(file, caplog):
    caplog.set_level(logging.WARNING)
    settings = Settings("routes: [{to: [teem, audit]}, {to: [teem]}, {to: [team], repositories: [acme/*]}]")
    routes = FollowedRoutes(file, settings)
    for _ in range(3):
        assert told(routes, "acme/api") == ["audit", "team"]
    (line,) = caplog.records
    assert "the target teem, which is not there and is skipped; targets are audit, team" in line.message
    settings.say("routes: [{to: [teem]}]")
    assert told(routes, "acme/api") == []
    assert len(caplog.records) == 2
