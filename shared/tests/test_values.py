"""Canonical JSON: equal contents are equal bytes, in lines that make readable diffs."""

import json

import pytest
from builders import known
from hypothesis import given
from hypothesis import strategies as st

from devnexus.values import canonical_json, canonical_page, lean, load_json

CONTENT = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=120),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=20), inner, max_size=6),
)


@given(CONTENT)
def test_a_page_and_a_line_say_the_same(content):
    for written in (canonical_page(content), canonical_json(content)):
        assert load_json(written) == content
    assert canonical_page(content).endswith(b"\n")


def test_a_small_object_is_one_line_of_a_page_and_a_large_one_is_not():
    rows = [{"path": f"{letter}.py", "start": 1} for letter in "ab"]
    assert canonical_page({"rows": rows, "long": "x" * 300}).decode().splitlines()[2] == (
        '  "rows": [{"path": "a.py", "start": 1}, {"path": "b.py", "start": 1}]'
    )
    many = canonical_page([*rows, "x" * 300]).decode().splitlines()
    assert many[1:3] == ['  {"path": "a.py", "start": 1},', '  {"path": "b.py", "start": 1},']


def test_values_that_say_the_same_in_less_memory_share_what_pydantic_keeps():
    whole, thin = (known("acme/a", 1, patterns=["kafka", "resend"]) for _ in range(2))
    assert lean(thin).page() == whole.page()
    kafka, resend = (pattern.evidence[0] for pattern in thin.standing_patterns.values())
    assert kafka.model_fields_set is resend.model_fields_set


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), {1: "a"}])
def test_what_is_no_json_is_not_written(bad):
    with pytest.raises((ValueError, TypeError)):
        canonical_page(bad)


@pytest.mark.parametrize("text", ["NaN", "1e999", '"\\ud800"', "[" * 100_000, "{", json.dumps("x")[:-1]])
def test_what_could_not_be_written_again_is_not_read(text):
    with pytest.raises(ValueError):
        load_json(text)
