"""Which pieces go into which call, and what is named because it goes into none."""

import time
from random import Random

import pytest

from extractor.claude.cutting import IN_PART, TOKENS_PER_CALL, cut, size_of, tokens_of
from extractor.claude.packing import MOST_PIECES, TOO_MUCH, pack
from extractor.claude.pieces import Piece
from extractor.evidence import lines_of
from extractor.roles import Role


def piece(path, text, *added):
    return Piece(
        path=path,
        status="modified" if added else "added",
        object_id="1" * 40,
        language="Python",
        role=Role.SOURCE,
        text=text,
        added=added or (range(1, len(lines_of(text)) + 1),),
    )


def of_tokens(path, tokens):
    """A piece of one hunk that takes about so many."""
    return piece(path, f"{path[:3]:_<9}\n" * ((tokens - 50) // tokens_of("_________\n")))


def paths(packed):
    return [[one.path for one in calls] for calls in packed.packs]


def lines_in(parts):
    return [line for part in parts for _, lines in part.hunks() for line in lines]


def test_each_piece_goes_into_the_first_call_that_has_room():
    pieces = [of_tokens("a", 700), of_tokens("b", 600), of_tokens("c", 250), of_tokens("d", 900)]
    assert paths(pack(pieces, tokens_per_call=1500, most_calls=2)) == [["a", "b"], ["c", "d"]]


def test_what_does_not_fit_is_named_and_what_is_less_relevant_but_small_still_goes_in():
    pieces = [of_tokens("a", 900), of_tokens("b", 900), of_tokens("c", 300)]
    packed = pack(pieces, tokens_per_call=1500, most_calls=1)
    assert paths(packed) == [["a", "c"]]
    assert packed.left_out == {"b": TOO_MUCH}


def test_no_more_is_taken_than_fills_the_calls():
    taken = []

    def endless():
        while True:
            taken.append(of_tokens(f"{len(taken)}.py", 700))
            yield taken[-1]

    assert len(pack(endless(), tokens_per_call=1500, most_calls=2).packs) == 2
    assert len(taken) == 4


def test_many_tiny_pieces_do_not_make_a_call_that_nobody_can_answer():
    packed = pack([piece(f"{n}.py", "x = 1\n") for n in range(3 * MOST_PIECES)], most_calls=2)
    assert [len(calls) for calls in packed.packs] == [MOST_PIECES, MOST_PIECES]


def test_the_files_behind_one_call_do_not_fill_the_memory():
    large = [piece(f"{n}.py", "x = 1\n" * 150_000, range(5, 6)) for n in range(10)]
    packed = pack(large, most_calls=2)
    assert [len(calls) for calls in packed.packs] == [4, 4]
    assert packed.left_out == {"8.py": TOO_MUCH, "9.py": TOO_MUCH}


@pytest.mark.parametrize("made", [{0}, {1}, {0, 2}], ids=str)
def test_calls_that_were_not_made_yet_are_the_same_after_a_crash(made):
    random = Random(9)
    pieces = [of_tokens(f"{n}.py", random.randint(60, 1200)) for n in range(60)]
    first = pack(pieces, tokens_per_call=3000, most_calls=4)
    assert len(first.packs) == 4 and first.left_out
    answered = {one.digest for number in made for one in first.packs[number]}
    left = [one for one in pieces if one.digest not in answered]
    again = pack(left, tokens_per_call=3000, most_calls=4 - len(made))
    assert paths(again) == [calls for number, calls in enumerate(paths(first)) if number not in made]


def test_a_large_file_is_cut_between_its_hunks():
    text = "".join(f"line_{n} = {n}\n" for n in range(1000))
    hunks = [range(start, start + 30) for start in range(1, 900, 60)]
    whole = piece("a.py", text, *hunks)
    parts, is_whole = cut(whole, tokens=1000)
    assert is_whole and 2 < len(parts) < len(hunks)
    assert [span for part in parts for span in part.added] == hunks
    assert all(size_of(part) <= 1000 for part in parts)


def test_a_large_hunk_is_cut_before_a_definition_else_after_an_empty_line_else_anywhere():
    body = "    step = 1\n\n" * 5
    functions = "".join(f"\n\ndef f{n}():\n{body}" for n in range(40))
    for text, begins in (
        (functions, lambda line, _: line.startswith("def ")),
        ("    a = 1\n    b = 2\n\n" * 200, lambda _, before: not before.strip()),
        ("    a = 1\n" * 600, lambda *_: True),
    ):
        whole = piece("a.py", text)
        parts, is_whole = cut(whole, tokens=600)
        assert is_whole and len(parts) > 2
        assert lines_in(parts) == whole.lines
        for part in parts[1:]:
            start = part.added[0].start
            assert begins(whole.lines[start - 1], whole.lines[start - 2])
        assert [cut(part, tokens=600) for part in parts] == [((part,), True) for part in parts]


def test_a_line_too_long_for_one_call_is_left_out_and_the_file_said_to_be_read_in_part():
    packed = pack([piece("a.py", f"x = 1\ny = '{'é' * 200_000}'\nz = 1\n")])
    (call,) = packed.packs
    assert lines_in(call) == ["x = 1", "z = 1"]
    assert packed.left_out == {"a.py": IN_PART}


def test_a_file_that_fits_in_part_is_said_to_be_read_in_part():
    packed = pack([of_tokens("a.py", 5000)], tokens_per_call=1500, most_calls=2)
    assert len(packed.packs) == 2
    assert packed.left_out == {"a.py": IN_PART}


def test_without_a_call_nothing_is_packed():
    assert pack([of_tokens("a.py", 60)], most_calls=0).packs == ()


def test_large_files_are_cut_in_linear_time():
    started = time.monotonic()
    for text in ("x\n" * 400_000, "\n" * 400_000, "x" * 900_000, " \n" * 400_000):
        cut(piece("a.py", text), tokens=TOKENS_PER_CALL)
        cut(piece("a.py", text, *(range(n, n + 1) for n in range(1, 200_000, 2))), tokens=TOKENS_PER_CALL)
    assert time.monotonic() - started < 20
