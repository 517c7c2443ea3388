"""Routes: what the file may say, and that every mistake stops the start with a remedy."""

import base64

import pytest

from devnexus.errors import ConfigurationError
from notifier.channel import Surroundings
from notifier.routes import load_kinds, open_channels, read_routes

KEY = base64.b64encode(bytes(32)).decode()
GOOD = """
targets:
  team: {channel: webhook, url: https://example.org/hook, secret: TEAM_HOOK_SECRET}
  console: {channel: console}
routes:
  - {to: [team, console], repositories: ["acme/*"]}
  - {to: [console]}
"""


def start(path, *, allow_private=False, **environment):
    """As main does."""
    kinds = load_kinds()
    routes = read_routes(path, kinds)
    channels = open_channels(
        routes, kinds, Surroundings({"TEAM_HOOK_SECRET": KEY, **environment}, allow_private)
    )
    return routes, channels


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "routes.yaml"
        path.write_text(text)
        return path

    return write


def test_a_file_names_targets_and_who_is_told_of_what(write):
    routes, channels = start(write(GOOD))
    assert list(routes.asking("Acme/Billing", "live")) == ["team", "console"]
    assert list(routes.asking("other/repository", "live")) == ["console"]
    assert channels.keys() == {"team", "console"}


def test_without_a_file_everything_goes_to_the_log():
    routes, channels = start(None)
    assert list(routes.asking("any/repository", "live")) == ["console"]
    assert channels.keys() == {"console"}


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("to: [console]", "to: [consle]", r"routes\.1\.to: there is no target 'consle'; .*console, team"),
        ("to: [console]", "to: []", r"routes\.1\.to: .*at least 1"),
        (
            "channel: console",
            "channel: pager",
            r"targets\.console\.channel: .*'pager'; .*console, .*webhook",
        ),
        (
            "{channel: console}",
            "{}",
            r"targets\.console\.channel: Field required; .*console, .*webhook",
        ),
        ("secret:", "sekret:", r"targets\.team\.secret: Field required.*channel, url, secret"),
        (
            "{channel: console}",
            "{channel: console, colour: red}",
            r"targets\.console\.colour: .*not permitted",
        ),
        ("routes:", "paths:", r"routes: Field required.*`targets` and `routes`"),
        ("team:", "my team:", r"targets\.my team"),
        ('["acme/*"]', '["acme/*"], causes: [lively]', r"routes\.0\.causes\.0: .*'live'"),
        ("acme/*", "billing", r"routes\.0\.repositories\.0: .*\*/billing"),
        ('["acme/*"]', "[]", r"routes\.0\.repositories: .*at least 1"),
        ("https://example.org/hook", "example.org/hook", r"targets\.team\.url: .*https://example\.org/hook"),
        ("https:", "http:", r"targets\.team\.url: .*ALLOW_PRIVATE_TARGETS"),
        ("example.org", "127.0.0.1", r"targets\.team\.url: 127\.0\.0\.1 is not .*ALLOW_PRIVATE_TARGETS"),
        ("example.org", "me:pw@example.org", r"targets\.team\.url: .*user and password"),
        ("example.org", "example.org:99999", r"targets\.team\.url: .*[Pp]ort"),
        ("/hook", "/ü", r"targets\.team\.url: .*ASCII"),
        (
            "TEAM_HOOK_SECRET",
            "whsec_aaaa",
            r"targets\.team\.secret\.0: .*the name of an environment variable",
        ),
        ("TEAM_HOOK_SECRET", "[]", r"targets\.team\.secret: .*at least 1"),
        ("TEAM_HOOK_SECRET", "[TEAM_HOOK_SECRET, OLD]", r"targets\.team\.secret: OLD is not set"),
        (
            "TEAM_HOOK_SECRET",
            "OTHER_SECRET",
            r"targets\.team\.secret: OTHER_SECRET is not set.*Set OTHER_SECRET",
        ),
        (GOOD, "[", r"not YAML: line 1"),
        (GOOD, "", r"targets and routes|`targets` and `routes`"),
    ],
    ids=lambda value: value.strip()[:12],
)
def test_a_mistake_stops_the_start_and_says_where_and_what_to_write(write, before, after, message):
    assert before in GOOD
    with pytest.raises(ConfigurationError, match=rf"(?s)routes\.yaml.*{message}"):
        start(write(GOOD.replace(before, after, 1)))


@pytest.mark.parametrize(
    "secret", ["short", "whsec_" + base64.b64encode(bytes(23)).decode(), "no base64 !" * 4]
)
def test_a_secret_that_is_no_key_stops_the_start_without_being_shown(write, secret):
    with pytest.raises(ConfigurationError, match=r"targets\.team\.secret: .*openssl rand") as stopped:
        start(write(GOOD), TEAM_HOOK_SECRET=secret)
    assert secret not in str(stopped.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"ROUTES_FILE: .*absent\.yaml cannot be read"):
        start(tmp_path / "absent.yaml")


def test_private_targets_by_plain_http_are_for_those_who_ask_for_them(write):
    path = write(GOOD.replace("https://example.org", "http://127.0.0.1:8080"))
    assert "team" in start(path, allow_private=True)[1]
