"""API keys are read once, at the start, and what is wrong with them is said without showing them."""

import pytest

from a2a_gateway.callers.api_keys import read_api_keys
from devnexus.errors import ConfigurationError
from devnexus.identity.proven import Identity, NotVerified
from devnexus.secrets import Secret

OLD, NEW, OTHER = "o" * 32, "n" * 40 + "==", "x" * 32


def keys(*lines):
    return read_api_keys(Secret("\n".join(lines).encode()))


def test_a_key_tells_its_name_and_a_name_may_have_several():
    found = keys(f"dashboard={OLD}", "", f" Dashboard = {NEW} \r", f"ci_2={OTHER}")
    assert found.identity(OLD) == found.identity(NEW) == Identity("dashboard")
    assert found.identity(OTHER) == Identity("ci_2")
    assert found.names == {"dashboard", "ci_2"}


def test_no_keys_open_nothing():
    for key in ("", OLD):
        with pytest.raises(NotVerified):
            read_api_keys(None).identity(key)


@pytest.mark.parametrize(
    "line",
    [
        OLD,
        f"={OLD}",
        f"anonymous={OLD}",
        "dashboard=",
        f"dashboard={OLD[1:]}",
        f"dashboard={OLD} {OLD}",
        f"dashboard={OLD}é",
        f"ana@example.com={OLD}",
        f"example.com={OLD}",
        f"{OLD}{OLD}x={OLD}",
    ],
)
def test_a_line_that_is_no_key_is_named_by_its_number_alone(line):
    with pytest.raises(ConfigurationError, match="API_KEYS: line 2: ") as problem:
        keys(f"ci={OTHER}", line)
    assert OLD[1:] not in str(problem.value)


def test_one_key_has_one_name():
    with pytest.raises(ConfigurationError, match="API_KEYS: ana and zoe have the same key"):
        keys(f"ana={OLD}", f"zoe={OLD}")
