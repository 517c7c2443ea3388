"""An extractor with Claude for the tests of this folder."""

import pytest
from breaker_push import claude
from fakes.claude_world import ClaudeWorld


@pytest.fixture
def world(tmp_path):
    """Makes extractors on one store, each with a model of its own; the usual one sees a breaker."""
    made = []

    def make(model=None, **options):
        made.append(ClaudeWorld(tmp_path, model or claude(), **options))
        return made[-1]

    yield make
    for one in made:
        one.source.close()
