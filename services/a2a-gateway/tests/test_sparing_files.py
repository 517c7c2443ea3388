"""Whoever does not say who they are cannot use up what GitHub allows all services together."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from builders import known
from fakes.repository_files import FakeFiles

from a2a_gateway import main
from a2a_gateway.callers.caller import ANONYMOUS, LOCAL, Caller
from a2a_gateway.files.sparing import REQUESTS_AN_HOUR, SparingFiles
from devnexus.errors import Unavailable

API = known("acme/api", 1)


@pytest.fixture
def clock():
    return [0.0]


def test_what_is_spent_in_an_hour_is_there_again_in_the_next(clock):
    there = FakeFiles({"acme/api": {"README.md": "# API"}})
    files = SparingFiles(there, most=110, clock=lambda: clock[0])
    head = files.head(API)
    files.commits(API, head, since=datetime(2026, 1, 1, tzinfo=UTC), until=None)
    assert files.read(API, head, ["README.md"]).files == {"README.md": b"# API"}
    clock[0] = 3000.0
    with pytest.raises(Unavailable) as refused:
        files.read(API, head, ["README.md"] * 1000)
    assert refused.value.retry_after_seconds == 600
    clock[0] = 3600.0
    assert files.read(API, head, ["README.md"] * 1000).files


def test_only_callers_who_do_not_say_who_they_are_are_counted(monkeypatch):
    monkeypatch.setattr(main, "github_files", lambda _: FakeFiles({"acme/api": {"README.md": "# API"}}))
    files = main._files(SimpleNamespace(repositories=None))
    for _ in range(REQUESTS_AN_HOUR // 2):
        files(ANONYMOUS).head(API)
    with pytest.raises(Unavailable):
        files(ANONYMOUS).head(API)
    assert files(LOCAL).head(API) == files(Caller("ana@example.com", is_verified=True)).head(API)
