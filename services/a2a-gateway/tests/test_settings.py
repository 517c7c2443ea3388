"""Who may read is decided at the start, and only a machine of one's own is open by itself."""

import pytest

from a2a_gateway.settings import Settings
from devnexus.errors import ConfigurationError
from devnexus.settings import read_settings


def read(**environment):
    required = {"KNOWLEDGE": "/k.git", "GOOGLE_CLOUD_PROJECT": "p", "DATABASE_URL": "sqlite:////state.db"}
    return read_settings(Settings, {**required, **environment})


@pytest.mark.parametrize(
    ("host", "is_open"),
    [
        ("", False),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("localhost.example.com", False),
    ],
)
def test_reading_is_open_only_on_this_machine_unless_said_otherwise(host, is_open):
    assert read(HOST=host).is_open is is_open
    assert read(HOST=host, ANONYMOUS_READS="true").is_open is True
    assert read(HOST=host, ANONYMOUS_READS="false").is_open is False


def test_what_cannot_be_understood_is_named():
    with pytest.raises(ConfigurationError, match="ANONYMOUS_READS: 'yes' is neither true nor false"):
        read(ANONYMOUS_READS="yes")
    with pytest.raises(ConfigurationError, match="PUBLIC_URL: 'nexus.example.com' is not an address"):
        read(PUBLIC_URL="nexus.example.com")
    for name in ("KNOWLEDGE", "GOOGLE_CLOUD_PROJECT", "DATABASE_URL"):
        with pytest.raises(ConfigurationError, match=f"{name} is not set"):
            read(**{name: ""})


def test_the_public_address_has_no_slash_at_its_end():
    assert read(PUBLIC_URL="https://nexus.example.com/a2a/").public_url == "https://nexus.example.com/a2a"
