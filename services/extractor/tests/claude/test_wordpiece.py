"""Words are cut into pieces as the makers of the model did."""

import time

import pytest

from extractor.claude.wordpiece import pieces

WORDS = "[UNK] retry back ##off ##s cafe un ##know ##n - / 漢 字 straße ##a".split()
KNOWN = {word: number for number, word in enumerate(WORDS)}


def cut(text):
    return [WORDS[number] for number in pieces(text, KNOWN)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Retry BACKOFFS", ["retry", "back", "##off", "##s"]),
        ("retry-backoff/unknown", ["retry", "-", "back", "##off", "/", "un", "##know", "##n"]),
        ("Café cafe\u0301", ["cafe", "cafe"]),
        ("漢字retry", ["漢", "字", "retry"]),
        ("re\u200btry\tre\x00try\u00a0retry", ["retry", "retry", "retry"]),
        ("backwards", ["[UNK]"]),
        ("Straße", ["straße"]),
        ("\ud800 \ufffd", []),
        ("", []),
        ("retry" + "a" * 96, ["[UNK]"]),
        ("retry" + "a" * 95, ["retry"] + ["##a"] * 95),
    ],
)
def test_the_longest_known_piece_from_the_left_and_so_on(text, found):
    assert cut(text) == found


def test_a_word_without_end_costs_next_to_nothing():
    start = time.process_time()
    assert cut("a" * 100_000) == ["[UNK]"]
    assert time.process_time() - start < 1
