"""Confidence: noisy-OR over kinds, each boosted by distinct files."""

import pytest
from builders import row

from devnexus.knowledge.confidence import claimed_too, confidence, strength


@pytest.mark.parametrize(
    ("rows", "need", "expected"),
    [
        ([], (), 0.0),
        ([("a", row(weight=0.6))], (), 0.6),
        ([("a", row(weight=0.6)), ("a", row(weight=0.6, line=9))], (), 0.6),
        ([("a", row(weight=0.6)), ("b", row(weight=0.2))], (), 0.648),  # 1 - .4 * .88
        ([(str(n), row(weight=0.6)) for n in range(9)], (), 0.76),  # 1 - .4 * .88 ** 4, no more than 5 files
        ([("a", row(weight=0.5)), ("a", row(weight=0.5, kind="dependency"))], (), 0.75),
        ([("a", row(weight=0.9, kind="dependency"))], ("code",), 0.0),
        ([("a", row(weight=0.9, kind="dependency")), ("a", row(weight=0.1))], ("code", "import"), 0.91),
    ],
)
def test_kinds_are_independent_witnesses_and_further_files_take_away_doubt(rows, need, expected):
    assert confidence(rows, need) == expected


@pytest.mark.parametrize(("by_rules", "expected"), [(0.0, 0.6), (0.5, 0.8), (0.648, 0.859), (1.0, 1.0)])
def test_claude_is_one_witness_more(by_rules, expected):
    assert claimed_too(by_rules) == expected


def test_the_words_change_at_one_half_and_three_quarters():
    assert [strength(value) for value in (0.499, 0.5, 0.749, 0.75)] == ["weak", "likely", "likely", "strong"]
