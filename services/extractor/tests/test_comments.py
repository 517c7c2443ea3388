"""Code without its comments, line by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.comments import without_comments


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("x.py", "a = 1  # b", "a = 1   "),
        ("x.py", 'a = "# not" # b', 'a = "# not"  '),
        ("x.py", 'def f():\n    """one\n    two"""\n    go()', 'def f():\n    "" \n\n    go()'),
        ("x.py", '"""a "b" \\""" c""" + d # e', '""  + d  '),
        ("x.py", "'''never closed\na", "'' \n".replace("''", '""', 1)),
        ("x.py", 'a = "never closed\nb # c', 'a = "never closed\nb  '),
        ("x.ts", 'get("http://x") // y', 'get("http://x")  '),
        ("x.ts", "a /* b\nc */ d", "a  \n d"),
        ("x.ts", "`// not\n${a}` // b", "`// not\n${a}`  "),
        ("x.go", "`\\` // b", "`\\`  "),
        ("x.rs", "fn f<'a>() {} // b", "fn f<'a>() {}  "),
        ("x.yaml", "a: b#c # d", "a: b#c  "),
        ("x.tf", "# a\n// b\nc", " \n \nc"),
        ("x.sql", "a -- b", "a  "),
        ("x.json", '{"a": "// b"}', '{"a": "// b"}'),
        ("x.unknown", "# a", "# a"),
    ],
)
def test_comments_are_blanked_and_strings_are_not(path, text, expected):
    assert without_comments(path, text) == expected


@given(
    st.sampled_from(["x.py", "x.ts", "x.go", "x.java", "x.sh", "x.php", "x.tf"]), st.text("'\"`#/*\\-a \n")
)
def test_blanking_never_moves_a_line(path, text):
    assert without_comments(path, text).count("\n") == text.count("\n")
