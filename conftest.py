"""What holds for every test, wherever it stands."""

import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("busy machine", deadline=None)  # by the clock, others' work would count as ours
settings.load_profile("busy machine")

for name in [name for name in os.environ if name.startswith("ANTHROPIC_")]:
    del os.environ[name]  # somebody's own key: no test, and nothing that it starts, is to spend their money


@pytest.fixture(autouse=True)
def no_handler_stays() -> Iterator[None]:
    """Take away the log that a start of a service set up: its stream ends with the test."""
    root = logging.getLogger()
    before = set(root.handlers)
    yield
    for handler in root.handlers[:]:
        if type(handler) is logging.StreamHandler and handler not in before:
            root.removeHandler(handler)
