"""What becomes of a push or a tree that takes several calls, of which some fail."""

import re
from itertools import permutations

import pytest
from fakes.claude_world import ClaudeWorld, ScriptedClaude, answered

from devnexus.errors import Unavailable
from devnexus.knowledge.fold import fold
from devnexus.knowledge.history import record_line
from extractor.claude import questions
from extractor.claude.packing import CALLS_PER_PUSH, TOO_MUCH
from extractor.claude.request import NotAnswered

_FILE = re.compile(r"^File (\d+): ", re.MULTILINE)
_BREAKER = re.compile(r"class CircuitBreaker\w*:")
DOWN = NotAnswered("Claude is overloaded")


def sees_breakers(request):
    """Says of each class that is called so that it is a circuit breaker."""
    _, *shown = _FILE.split(request.material)
    files = []
    for number, text in zip(shown[::2], shown[1::2], strict=True):
        said = [{"name": "circuit-breaker", "quote": quote} for quote in _BREAKER.findall(text)]
        files.append({"file": int(number), "patterns": said, "decisions": [], "components": []})
    return answered({"files": files})


class EachInTurn:
    """Answers the questions in turn as the replies say, and all that follow by looking."""

    def __init__(self, *replies):
        self.replies = list(replies)

    def __call__(self, request):
        reply = self.replies.pop(0) if self.replies else sees_breakers
        return reply(request) if callable(reply) else reply


def breaker(name, lines=1500):
    """A file of which two do not fit into one call."""
    body = "".join(f"    limit_{name}_{n} = self.limit + {n}\n" for n in range(lines))
    return f"class CircuitBreaker{name}:\n{body}"


def breakers(number):
    return {f"src/breaker{name}.py": breaker(name) for name in "ABCDEFGH"[:number]}


@pytest.fixture
def world(tmp_path):
    made = []

    def make(*replies):
        made.append(ClaudeWorld(tmp_path, ScriptedClaude(EachInTurn(*replies))))
        return made[-1]

    yield make
    for one in made:
        one.source.close()


def new(world, files):
    return world.has([{"README.md": "x\n"}, files])


def claimed(record):
    return {file.path for file in record.files if file.claims}


def receipt(record):
    return record.receipt.claude


def standing(*records):
    return {row.path for row in fold(records).project().standing_patterns["circuit-breaker"].evidence}


def test_a_large_push_is_read_in_several_calls_and_told_as_one(world):
    one = world()
    files = breakers(3)
    (record,) = one.push(*new(one, files))
    assert (receipt(record).outcome, receipt(record).calls) == ("read", 3)
    assert claimed(record) == standing(record) == files.keys()


def test_what_does_not_fit_into_the_calls_is_named_and_no_reason_to_ask_again(world):
    one = world()
    shas = new(one, breakers(CALLS_PER_PUSH + 2))
    (record,) = one.push(*shas)
    (again,) = one.push(*shas)
    told = receipt(record)
    assert (told.outcome, told.because, told.calls) == ("partly", TOO_MUCH, CALLS_PER_PUSH)
    assert [(group.reason, group.count) for group in told.left_out] == [(TOO_MUCH, 2)]
    assert len(one.model.asked) == CALLS_PER_PUSH
    assert one.claude.waiting.count() == 0
    assert record_line(record) == record_line(again)


def test_what_the_other_calls_said_counts_when_one_fails(world):
    one = world(sees_breakers, DOWN, sees_breakers)
    (record,) = one.push(*new(one, breakers(3)))
    told = receipt(record)
    assert (told.outcome, told.because, told.calls) == ("partly", "Claude is overloaded", 2)
    assert len(claimed(record)) == 2
    assert one.claude.waiting.count() == 1


def test_a_crash_between_the_calls_repeats_none_that_was_answered(world):
    def crashes(_):
        raise ZeroDivisionError

    one = world(sees_breakers, crashes)
    shas = new(one, breakers(3))
    with pytest.raises(ZeroDivisionError):
        one.push(*shas)
    shown = [request.material.split("File 1: ", 1)[1] for request in one.model.asked]
    with pytest.raises(Unavailable):  # whoever made the second one may still be about to answer
        one.push(*shas)
    assert len(one.model.asked) == len(set(shown)) == 2


def test_half_an_answer_about_a_tree_takes_nothing_away(world):
    """The claims of a tree take the place of what was known, so a file that was read in part keeps those."""
    one = world(sees_breakers, DOWN)
    *_, head = new(one, {"src/breakers.py": f"{breaker('A')}\n\n{breaker('B')}"})
    records = [record for _ in "12" for record in one.snapshot(head, one.live_opinion())]
    half, whole = (next(file for file in record.files if file.language) for record in records)
    assert [receipt(record).outcome for record in records] == ["partly", "read"]
    assert (half.claims, len(whole.claims)) == (None, 2)


def test_of_a_file_that_is_known_only_what_was_added_is_told(world):
    one = world()
    both = "class CircuitBreakerA:\n    limit = 1\n\n\nclass CircuitBreakerB:\n    limit = 2\n"
    without = both.partition("\n\n")[0] + "\n"
    shas = one.has([{"README.md": "x\n"}, {"src/a.py": both}, {"src/a.py": without}, {"src/a.py": both}])
    *_, back = one.pushes(shas)
    told = receipt(back)
    assert (told.known, told.claims, told.unverified) == (1, 1, 0)
    assert [claim.line for claim in back.files[0].claims] == [5]


def test_more_than_fits_into_memory_is_named(world, monkeypatch):
    one = world()
    shas = one.has([{"README.md": "x\n"}, {"src/a.py": breaker("A", 3), "src/b.py": breaker("A", 3)}])
    monkeypatch.setattr(questions, "_MOST_CHARACTERS", 10)
    (record,) = one.push(*shas)
    told = receipt(record)
    assert (told.outcome, told.because) == ("partly", questions.BEYOND_MEMORY)
    assert len(claimed(record)) == 1


def test_of_two_versions_at_once_one_record_counts_in_any_order(world):
    one = world()
    shas = new(one, breakers(1))
    (both,) = one.push(*shas)
    without = {"claims": None, "gone": None}
    rules = both.model_copy(
        update={
            "receipt": both.receipt.model_copy(update={"claude": None}),
            "files": tuple(file.model_copy(update=without) for file in both.files),
            "analysis": "rules",
        }
    )
    later_brief = both.model_copy(
        update={
            "receipt": both.receipt.model_copy(
                update={"claude": receipt(both).model_copy(update={"prompt": receipt(both).prompt + 1})}
            ),
            "analysis": "later",
        }
    )
    pages = {fold(some).project().model_dump_json() for some in permutations([both, rules, later_brief])}
    assert len(pages) == 1
    assert pages == {fold([later_brief]).project().model_dump_json()}
