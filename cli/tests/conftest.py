"""Keeps the command line's tests apart from whatever runs in the folder that they are run from."""

import pytest


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A working directory without a `.devnexus`: after `make run` the repository's own has one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
