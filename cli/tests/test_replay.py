"""What counts as arrived, and what a run may touch in its home."""

from builders import pushed, reading, record_of, row
from fakes.git_history import make_repository

from devnexus.knowledge.analyses import split
from devnexus_cli.local_repository import open_local
from devnexus_cli.replay import _Arrived, link_clones

RECORD = record_of(pushed("a", "b"), *(reading(f"{n}.py", row()) for n in range(9)))


def test_a_record_in_parts_has_arrived_when_its_last_part_has():
    arrived = _Arrived(rules_version=1)
    *others, last = split(RECORD, max_bytes=1000)
    arrived.take(others)
    assert arrived.whole == set()
    arrived.take([last])
    assert arrived.whole == {RECORD.record_id}


def test_what_older_rules_have_read_has_not_arrived():
    arrived = _Arrived(rules_version=2)
    arrived.take([RECORD])
    assert arrived.whole == set()
    arrived.take([record_of(pushed("a", "b"), analysis="a2", rules_version=2)])
    assert arrived.whole == {RECORD.record_id}


def test_linking_clones_removes_old_links_and_nothing_else(tmp_path):
    make_repository(tmp_path / "r", [{"a": "1"}])
    precious = tmp_path / "clones" / "mine" / "precious"
    precious.mkdir(parents=True)
    (tmp_path / "clones" / "mine" / "old").symlink_to(tmp_path)
    link_clones([open_local(tmp_path / "r")], tmp_path / "clones")
    assert precious.is_dir()
    assert not (tmp_path / "clones" / "mine" / "old").exists()
    assert (tmp_path / "clones" / "local" / "r").resolve() == tmp_path / "r"
