"""Patterns that are looked for together."""

from extractor.regex import RegexTable, compile_regex

TABLE = [(compile_regex(pattern), pattern) for pattern in ("^b", "a$", "x+", "c")]


def test_a_table_tells_in_its_order_which_patterns_match():
    table = RegexTable(TABLE)
    assert list(table.found_in(b"c\nba")) == ["^b", "a$", "c"]
    assert list(table.found_in(b"")) == []


def test_a_table_that_re2_gives_up_on_answers_all_the_same():
    class OutOfMemory:
        def Match(self, _):
            return None

    table = RegexTable(TABLE)
    table._set = OutOfMemory()
    assert list(table.found_in(b"c\nba")) == ["^b", "a$", "c"]
