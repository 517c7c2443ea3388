"""Who may read is decided at the start, and only a machine of one's own is open by itself."""

import pytest

from a2a_gateway.callers.caller import ANONYMOUS, LOCAL
from a2a_gateway.settings import Settings
from devnexus.errors import ConfigurationError
from devnexus.settings import read_settings


def read(**environment):
    required = {"KNOWLEDGE": "/k.git", "GOOGLE_CLOUD_PROJECT": "p", "DATABASE_URL": "sqlite:////state.db"}
    return read_settings(Settings, {**required, **environment})


@pytest.mark.parametrize(
    ("host", "anonymous"),
    [
        ("", None),
        ("0.0.0.0", None),
        ("::", None),
        ("10.0.0.1", None),
        ("127.0.0.1", LOCAL),
        ("127.8.8.8", LOCAL),
        ("::1", LOCAL),
        ("[::1]", LOCAL),
        ("localhost", LOCAL),
        ("localhost.example.com", None),
    ],
)
def test_reading_is_open_only_on_this_machine_unless_said_otherwise(host, anonymous):
    assert read(HOST=host).anonymous == anonymous
    assert read(HOST=host, ANONYMOUS_READS="all").anonymous == LOCAL
    assert read(HOST=host, ANONYMOUS_READS="true").anonymous == ANONYMOUS
    assert read(HOST=host, ANONYMOUS_READS="false").anonymous is None


@pytest.mark.parametrize(
    ("variable", "text", "problem"),
    [
        ("ANONYMOUS_READS", "yes", "'yes' is neither true, all nor false"),
        ("PUBLIC_URL", "nexus.example.com", "'nexus.example.com' is not an address"),
        ("KNOWLEDGE", "", "KNOWLEDGE is not set"),
        ("GOOGLE_CLOUD_PROJECT", "", "GOOGLE_CLOUD_PROJECT is not set"),
        ("DATABASE_URL", "", "DATABASE_URL is not set"),
        ("READERS", "example.com, *", "'\\*' is no e-mail address, domain"),
        ("READERS", "@example.com", "'@example.com' is no e-mail address, domain"),
        ("READERS", "example.com ana@example.com", "is no e-mail address, domain"),
        ("ALLOWED_SERVICE_ACCOUNTS", "example.com", "'example.com' is a domain: name each address"),
        ("AUDIENCE", 'a"b', "is no audience"),
        ("REQUESTS_PER_MINUTE", "0", "'0' is not a whole number from 1 up"),
        ("CORS_ORIGINS", "*", "'\\*' is no origin"),
        ("LEGACY_OPEN_ROUTES", "POST /a2a/execute", "'POST /a2a/execute' is no route that can be opened"),
        ("CORS_ORIGINS", "https://*.vercel.app", "is no origin"),
        ("CORS_ORIGINS", "https://a.example.com,null", "'null' is no origin"),
        ("CORS_ORIGINS", "https://a.example.com/page", "is no origin"),
    ],
)
def test_what_cannot_be_understood_is_named(variable, text, problem):
    with pytest.raises(ConfigurationError, match=problem):
        read(**{variable: text})


def test_lists_are_read_without_regard_to_case_and_spaces():
    settings = read(
        READERS=" Example.com, Ana@Example.com,dashboard,", CORS_ORIGINS="https://App.example.com/"
    )
    assert settings.readers == {"example.com", "ana@example.com", "dashboard"}
    assert settings.cors_origins == ("https://app.example.com",)
    assert read().readers == read().writers == frozenset()


def test_a_token_is_meant_for_the_public_address_unless_said_otherwise():
    public = "https://nexus.example.com"
    assert read().audiences == ()
    assert read(PUBLIC_URL=f"{public}/").audiences == (public,)
    assert read(PUBLIC_URL=public, AUDIENCE="a, https://b.example").audiences == ("a", "https://b.example")


def test_the_public_address_has_no_slash_at_its_end():
    assert read(PUBLIC_URL="https://nexus.example.com/a2a/").public_url == "https://nexus.example.com/a2a"


def test_a_route_to_read_by_is_not_opened_where_everybody_reads_anyway():
    routes = {"POST /api/kb/lessons-learned", "GET /api/kb/patterns/{owner}/{repo}"}
    assert read(LEGACY_OPEN_ROUTES=", ".join(routes)).opened == routes
    local = read(LEGACY_OPEN_ROUTES=", ".join(routes), HOST="127.0.0.1")
    assert local.opened == {"POST /api/kb/lessons-learned"}


def test_hosts_are_compared_where_a_browser_could_be_led_astray_and_not_on_cloud_run():
    public = "https://nexus.example.com"
    assert read(HOST="0.0.0.0").names is None
    assert "nexus.example.com" in read(HOST="0.0.0.0", PUBLIC_URL=public).names
    assert "evil.example" not in read(HOST="127.0.0.1").names
    assert read(HOST="0.0.0.0", PUBLIC_URL=public, K_SERVICE="a2a-gateway").names is None
