"""What is about no single repository: in shards, merged, and never half read."""

import json

import pytest

from devnexus.knowledge.organisation_files import Organisation, read_organisation, with_organisation
from devnexus.knowledge.store import Damaged

EARLY, LATE = "2025-01-01T00:00:00", "2025-01-01T02:00:00+01:00"  # naive is UTC: an hour apart


def organisation(at, components=None, advice=(), **fields):
    return Organisation({"created_at": at, "last_updated": at, **fields}, components or {}, list(advice))


def advice(id_, timestamp=EARLY, **more):
    return {"recommendation_id": id_, "timestamp": timestamp, **more}


def after(*imports):
    files = {}
    for one in imports:
        changes = with_organisation(files, one)
        files = {path: new for path, new in (files | changes).items() if new is not None}
    return files


def test_the_later_word_counts_whichever_comes_first():
    old = organisation(
        EARLY, {"a": {"v": 1}, "b": {"v": 1}}, [advice("r", v=1)], metadata={"x": "1", "y": "1"}
    )
    new = organisation(LATE, {"a": {"v": 2}}, [advice("r", LATE, v=2), advice("s")], metadata={"x": "2"})
    assert after(old, new) == after(new, old)
    both = read_organisation(after(old, new))
    assert both.component_index == {"a": {"v": 2}, "b": {"v": 1}}
    assert both.consolidation_history == [advice("r", LATE, v=2), advice("s")]
    assert both.fields == {"created_at": EARLY, "last_updated": LATE, "metadata": {"x": "2", "y": "1"}}


def test_of_two_of_the_same_time_the_order_does_not_matter_either():
    one, other = (organisation(EARLY, {"a": {"v": number}}, [advice("r", v=number)]) for number in (1, 2))
    assert after(one, other) == after(other, one)


def test_what_is_known_already_changes_nothing():
    known = organisation(
        EARLY, {"a": {}}, [advice("r"), advice("r"), advice("q", "2020-05-01")], owner={"n": 1}
    )
    assert with_organisation(after(known), known) == {}
    assert read_organisation(after(known)) == known


def test_metadata_of_others_stays():
    files = {"metadata.json": b'{"schema_version": "2.0", "forgotten": [1]}'}
    page = json.loads(with_organisation(files, organisation(EARLY))["metadata.json"])
    assert page["forgotten"] == [1]
    assert page["imported"]["created_at"] == EARLY


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("metadata.json", b"{"),
        ("metadata.json", b'{"imported": []}'),
        ("metadata.json", b'{"imported": {"last_updated": "soon"}}'),
        ("components/00.json", b"[]"),
        ("consolidation/2025.jsonl", b'{"position": 0}\n'),
        ("consolidation/2025.jsonl", b'{"position": 0, "occurrence": 0, "recommend'),
    ],
)
def test_a_broken_file_is_never_taken_for_an_empty_one(path, content):
    for use in (read_organisation, lambda files: with_organisation(files, organisation(EARLY))):
        with pytest.raises(Damaged, match=path):
            use({path: content})
