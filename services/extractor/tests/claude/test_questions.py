"""What is left open after the calls of one push or snapshot are full, and what is kept meanwhile."""

import gc

import pytest
from builders import pushed_commits, repository

from devnexus.events import SnapshotRequested
from extractor.change import ChangedFile
from extractor.claude import questions as questions_module
from extractor.claude.asker import NotNow
from extractor.claude.calls import Known, Spent
from extractor.claude.matter import Matter
from extractor.claude.packing import CALLS_PER_SNAPSHOT, MOST_PIECES, TOO_MUCH
from extractor.claude.pieces import Piece
from extractor.claude.questions import Questions
from extractor.claude.request import Usage
from extractor.claude.said import Said
from extractor.reading import Reader
from extractor.rule_set import load_rules

READER = Reader(load_rules())
PUSH = pushed_commits("1" * 40, "2" * 40)
SNAPSHOT = SnapshotRequested(cause="snapshot", hops=0, repository=repository(), asked_by="a test")


class NothingKnown:
    def known(self, *_):
        return {}

    def spent(self, _):
        return Spent(0, Usage(), 0.0)


class Answers:
    """Everything is answered with nothing."""

    def ask(self, call, request, pieces):
        return {piece.digest: Known(Said()) for piece in pieces}


class Silence:
    def ask(self, call, request, pieces):
        return NotNow("Claude is overloaded")


@pytest.fixture(autouse=True)
def _without_words(monkeypatch):
    monkeypatch.setattr(questions_module, "request_for", lambda *_, **__: None)


def put(event, files, texts, asker):
    def contents(object_ids):
        return [texts[object_id].encode() for object_id in object_ids]

    reading = READER.read(files, contents=contents, own_names=frozenset)
    asked = Questions(
        Matter(event, reading, files, contents),
        calls=NothingKnown(),
        readers=("reader",),
        model="model",
        meaning=None,
        context=lambda _: None,
    )
    return asked, asked.put(asker)


def new(texts):
    return [ChangedFile(f"src/m{name}.py", "added", name, 0o100644) for name in texts]


def test_of_a_tree_every_file_that_no_call_had_room_for_is_named_also_where_it_was_fetched():
    most = CALLS_PER_SNAPSHOT * MOST_PIECES
    texts = {f"{n:040}": f"value_{n} = {n}\n" if n else "\n" for n in range(most + 31)}
    _, answers = put(SNAPSHOT, new(texts), texts, Answers())
    assert len(answers.whole) == most
    assert list(answers.unanswered.values()) == [TOO_MUCH] * 30


def test_files_with_the_same_lines_wait_for_the_same_reason():
    texts = {f"{n:040}": "value = 1\n" for n in range(3)}
    _, answers = put(SNAPSHOT, new(texts), texts, Silence())
    assert set(answers.unanswered.values()) == {"Claude is overloaded"}
    assert len(answers.unanswered) == 3
    _, answers = put(SNAPSHOT, new(texts), texts, Answers())
    assert len(answers.whole) == len(answers.said) == 3


def test_of_a_large_push_all_is_told_that_went_and_few_texts_are_kept():
    body = "".join(f"    step_{k} = {k}\n" for k in range(3000))
    texts = {f"{n:040}": f"def f_{n}():\n{body}" for n in range(60)}
    texts |= {f"{n + 100:040}": f"def g_{n}():\n{body}" for n in range(60)}
    files = [
        ChangedFile(f"src/m{n}.py", "modified", f"{n:040}", 0o100644, (range(1, 2900),), f"{n + 100:040}")
        for n in range(60)
    ]
    asked, answers = put(PUSH, files, texts, Answers())
    gc.collect()
    kept = [one for one in gc.get_objects() if isinstance(one, Piece)]
    assert asked and len(kept) <= 2 * len(answers.said) < 20
    assert all(answers.gone.values()) and len(answers.gone) == 60
