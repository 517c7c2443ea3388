"""Every event that was ever shipped can still be read, and is still written the same way.

One file per type, with all fields: `golden/<type>.json` holds attributes and data of one message.
What a type has gained since stands in a file beside it, `golden/<type>-with-<what>.json`.
Never edit a file that has been released; a change that needs it is a new version of the event.
"""

import json
from pathlib import Path

import pytest

from devnexus.codec import decode, encode
from devnexus.events import EVENT_TYPES

GOLDEN = Path(__file__).parent / "golden"


def test_every_type_has_a_golden_message():
    assert {path.stem for path in GOLDEN.glob("*.json")} >= EVENT_TYPES.keys()


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_a_golden_message_is_read_and_written_again_unchanged(path):
    golden = json.loads(path.read_text())
    event = decode(json.dumps(golden["data"]).encode(), golden["attributes"])
    data, attributes = encode(event, source=golden["attributes"]["ce-source"])
    del attributes["ce-time"]  # when it was sent
    assert attributes == golden["attributes"]
    assert json.loads(data) == golden["data"]


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_a_field_from_the_future_is_ignored(path):
    golden = json.loads(path.read_text())
    event = decode(json.dumps(golden["data"]).encode(), golden["attributes"])
    later = json.dumps({**golden["data"], "from_the_future": {"x": 1}}).encode()
    assert decode(later, golden["attributes"]) == event
