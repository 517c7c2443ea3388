"""Code without its comments, line by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.comments import code_alone, without_comments


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


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("x.py", 'a = f"b {c}" # d', "a = f   "),
        ("x.go", "a := `b\nc`; d := 'e' // f", "a :=  \n; d :=    "),
        ("x.rs", 'a("b\nc", \'d\', r#"e"f"#); fn g<\'h>()', "a( \n,  ,  ); fn g<'h>()"),
        ("x.cs", 'a = @"b""c\nd"; e', "a =  \n; e"),
        ("x.cpp", 'a = R"b(c" )d)b"; e', "a =  ; e"),
        ("x.rb", "a = <<~B\nc\nB\n=begin\nd\n=end\ne", "a =  \n\n\n \n\n\ne"),
        ("x.php", "<p>a</p><?php b(<<<C\nd\nC); ?>e", " php b( \n\n);  "),
        ("x.js", "a = /\"'/.test(b) // c", "a  .test(b)  "),
        ("x.tsx", "<p>a, b {c} d</p>", "<p c p>"),
        ("x.ts", "a: Map<B>, c: D<E>", "a: Map<B>, c: D<E>"),
        ("x.sql", "a 'b\n''c' -- d", "a  \n   "),
        ("x.vue", "a", None),
        ("x.sh", "a", None),
        ("x.yaml", "a", None),
    ],
)
def test_what_is_left_of_code_without_its_texts(path, text, expected):
    assert code_alone(path, text) == expected


UNFINISHED = (
    '"',
    "'",
    "`",
    "/*",
    "<<A",
    "<<<A\n",
    'R"(',
    'r#"',
    '@"',
    "=/[",
    "=/\\",
    ">a b",
    "?>",
    "=begin\n",
)


@pytest.mark.parametrize("path", ["x.py", "x.ts", "x.go", "x.rs", "x.rb", "x.php", "x.cs", "x.cpp", "x.sql"])
def test_texts_that_are_never_closed_take_linear_time_and_move_no_line(path):
    for token in UNFINISHED:
        text = token * 20_000  # quadratic time would take minutes
        assert code_alone(path, text).count("\n") == text.count("\n")


@given(st.sampled_from(["x.py", "x.ts", "x.rb", "x.php", "x.rs", "x.cs"]), st.text("'\"`#/*\\-a<>=@?{}[ \n"))
def test_blanking_texts_never_moves_a_line(path, text):
    assert code_alone(path, text).count("\n") == text.count("\n")
