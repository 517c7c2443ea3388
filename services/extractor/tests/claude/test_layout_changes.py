"""What a change took out of a file, in the keys that claims are held by."""

import time

from devnexus.layout_key import line_key
from extractor.claude.layout_changes import EVERYTHING, MOST_KEYS, gone, is_only_laid_out

BEFORE = "def call(a, b):\n    return retry('x', [a, b])\n\n\nlimit = 1\n"
LAID_OUT = 'def call(\n    a,\n    b,\n):\n    return retry("x", [\n        a, b,\n    ])\n\nlimit = 1\n'


def test_where_a_formatter_has_been_nothing_is_gone_though_every_line_is_another():
    assert is_only_laid_out(BEFORE, LAID_OUT)
    assert gone(BEFORE, LAID_OUT) == ""
    assert not is_only_laid_out(BEFORE, LAID_OUT.replace("1", "2"))


def test_the_keys_of_lines_that_stand_nowhere_any_more_are_told_once_in_their_order():
    before = "a = 1\nb = 'x'\nc = 3\n  a=1\n}\n\n)\nd = 4\n"
    assert gone(before, 'd = 4\n  b="x"\n') == line_key("a = 1") + line_key("c = 3")


def test_a_file_that_lost_more_lines_than_can_be_told_lost_all_of_them():
    kept = "".join(f"a{n} = 1\n" for n in range(MOST_KEYS))
    assert len(gone(kept, "x\n")) == 8 * MOST_KEYS
    assert gone(f"{kept}b = 1\n", "x\n") == EVERYTHING


def test_a_text_that_cannot_be_written_is_compared_all_the_same():
    assert gone("a = '\ud800'\n", "b\n") == line_key("a = '\ud800'")


def test_large_texts_take_linear_time():
    started = time.monotonic()
    for unit in ("x\n", "a,)", "\n", "é\r\n"):
        gone(unit * 300_000, f"{unit * 300_000}z\n")
        gone("".join(f"{n}{unit}" for n in range(150_000)), "".join(f"{unit}{n}" for n in range(150_000)))
    assert time.monotonic() - started < 20
