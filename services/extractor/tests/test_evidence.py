"""The door that every claim passes."""

import hashlib

import pytest

from devnexus.events.patterns_extracted import EvidenceRow
from extractor.evidence import lines_of, quote_of, verify

TEXT = "import tenacity\r\nx = 1\n\x0cdef f():\u2028pass\nend"


def claim(start, end, quote):
    return EvidenceRow(rule="retry-backoff", kind="import", start=start, end=end, quote=quote, weight=0.5)


def test_a_quote_is_the_hash_of_the_very_bytes_between_the_line_feeds():
    expected = hashlib.sha256(b"import tenacity\r\nx = 1").hexdigest()[:16]
    assert quote_of(lines_of(TEXT), 1, 2) == expected


def test_only_line_feeds_end_a_line():
    assert lines_of(TEXT) == ["import tenacity\r", "x = 1", "\x0cdef f():\u2028pass", "end"]
    assert lines_of("a\n") == ["a"]
    assert lines_of("") == []


def test_a_true_quote_passes_and_every_other_claim_is_dropped_and_counted():
    true = claim(2, 3, quote_of(lines_of(TEXT), 2, 3))
    false = [
        claim(1, 2, true.quote),
        claim(2, 3, "0" * 16),
        claim(3, 2, quote_of([], 1, 0)),
        claim(5, 5, quote_of([""], 1, 1)),
    ]
    assert verify([*false, true], TEXT) == ((true,), len(false))


@pytest.mark.parametrize("text", ["", "import tenacity"])
def test_a_claim_about_lines_that_are_gone_is_dropped(text):
    row = claim(2, 2, quote_of(lines_of(TEXT), 2, 2))
    assert verify([row], text) == ((), 1)
