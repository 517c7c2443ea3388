"""Settings: read once, all that is wrong said at once."""

from dataclasses import dataclass

import pytest

from devnexus.errors import ConfigurationError
from devnexus.settings import read_settings, setting, whole_number


@dataclass(frozen=True)
class Example:
    name: str = setting("NAME", about="what to call it")
    size: int = setting("SIZE", about="how large", parse=whole_number, default=3)


def test_what_is_set_is_read_and_the_rest_has_its_default():
    assert read_settings(Example, {"NAME": "x"}) == Example(name="x", size=3)
    assert read_settings(Example, {"NAME": "x", "SIZE": "9"}).size == 9


def test_everything_that_is_wrong_is_named_at_once():
    with pytest.raises(ConfigurationError, match=r"NAME is not set: what to call it; SIZE: '0'"):
        read_settings(Example, {"NAME": "", "SIZE": "0"})
