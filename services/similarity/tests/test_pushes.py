"""Every live push is told of, also where a commit of knowledge brings several, or one that is late."""

import pytest
from builders import pushed, reading, record_of, snapshot_record
from fakes.knowledge import make_store
from fakes.pubsub import FakePublisher

from devnexus.alike.compared import compared
from devnexus.knowledge.announcement import announcement
from devnexus.knowledge.view import Views
from kb_writer.group_commit import Writer
from similarity.compute import on_knowledge_committed
from similarity.indexes import Indexes


@pytest.fixture
def push_told(tmp_path):
    """Gives the push that is told of when these records become known together."""
    store = make_store(tmp_path / "knowledge.git")
    writer, indexes = Writer(store), Indexes(Views(store, keep=compared))

    def push_told(*records):
        revision = writer.group_commit(records).revision
        heard = FakePublisher()
        on_knowledge_committed(announcement(store, revision), indexes=indexes, publisher=heard)
        (event,) = heard.published
        return event.push

    yield push_told
    store.close()


def push(before, after, minute, *paths, cause="live"):
    moved = pushed(before, after, minute, cause=cause)
    return record_of(moved, *(reading(path) for path in paths))


def paths(push):
    return [file.path for file in push.files]


def test_several_pushes_of_one_commit_are_told_as_the_newest_with_the_files_of_all(push_told):
    first, second = push("0", "a", 1, "a.py", "both.py"), push("a", "b", 2, "b.py", "both.py")
    told = push_told(second, first)
    assert (told.commit, paths(told)) == (second.after, ["a.py", "b.py", "both.py"])


def test_a_push_that_comes_late_is_told_with_where_it_ended(push_told):
    assert paths(push_told(push("a", "b", 2, "b.py"))) == ["b.py"]
    late = push("0", "a", 1, "a.py")
    told = push_told(late)
    assert (told.commit, paths(told)) == (late.after, ["a.py"])


def test_a_push_is_told_though_a_snapshot_came_with_it(push_told):
    one = push("0", "a", 1, "a.py")
    told = push_told(one, snapshot_record("a", reading("a.py"), reading("b.py"), minute=1))
    assert (told.commit, paths(told)) == (one.after, ["a.py"])


def test_pushes_of_the_past_are_not_told_with_one_of_today(push_told):
    told = push_told(push("0", "a", 1, "a.py", cause="backfill"), push("a", "b", 2, "b.py"))
    assert paths(told) == ["b.py"]


def test_of_many_files_the_first_hundred_are_told(push_told):
    told = push_told(
        push("0", "a", 1, *(f"{n:03}.py" for n in range(80))),
        push("a", "b", 2, *(f"{n:03}.py" for n in range(60, 150))),
    )
    assert paths(told) == [f"{n:03}.py" for n in range(100)]
