"""What came back: bounded, cleaned, of no use, or both; never an exception."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.claude.answer import CUT, NO_JSON, REFUSED, SCHEMA, parse
from extractor.claude.calls import Known
from extractor.claude.request import Answered, Usage
from extractor.claude.said import MOST_CLAIMS, Said

NOTHING = Known(Said())


def known(text, *digests, stop="complete"):
    text = text if isinstance(text, str) else json.dumps(text)
    return parse(Answered(text, stop, Usage(), "claude-test"), digests or ("one",))


def file(number=1, patterns=(), decisions=(), components=()):
    return {"file": number, "patterns": patterns, "decisions": decisions, "components": components}


def pattern(name="retry-backoff", quote="@retry(wait)"):
    return {"name": name, "quote": quote}


def names(answer):
    return [one.name for one in known({"files": [file(patterns=answer)]})["one"].said.patterns]


def test_what_it_says_is_kept_for_the_file_with_that_number():
    decision = {"kind": "switch", "title": "Use Kafka", "quote": "- redis\n"}
    component = {"name": "Retry", "quote": "class Retry:"}
    told = known({"files": [file(2, [pattern()], [decision], [component])]}, "one", "two")
    assert told["one"] == NOTHING
    assert told["two"].said.model_dump(mode="json") == {
        "patterns": [pattern()],
        "decisions": [decision],
        "components": [component],
    }


def test_nothing_said_is_an_answer():
    assert known({"files": []}, "one", "two") == {"one": NOTHING, "two": NOTHING}


def test_files_with_the_same_lines_share_what_is_said_of_any_of_them():
    told = known({"files": [file(1, [pattern("saga")]), file(2, [pattern()])]}, "same", "same")
    assert [one.name for one in told["same"].said.patterns] == ["saga", "retry-backoff"]


def test_a_file_told_of_twice_loses_nothing():
    told = known({"files": [file(1, [pattern("saga")]), file(1, [pattern()])]})
    assert [one.name for one in told["one"].said.patterns] == ["saga", "retry-backoff"]


@pytest.mark.parametrize("number", [0, -1, 3, 10**30])
def test_of_a_file_that_was_not_sent_nothing_is_kept(number):
    assert known({"files": [file(number, [pattern()])]}, "one", "two") == {"one": NOTHING, "two": NOTHING}


def test_a_refusal_is_no_answer_even_with_json_in_it():
    assert known({"files": [file(1, [pattern()])]}, stop="refused") == {"one": Known(None, REFUSED)}


def test_a_cut_answer_is_of_use_only_where_its_json_is_whole():
    whole = json.dumps({"files": [file(1, [pattern()])]})
    assert known(whole, stop="cut") == known(whole)
    assert known(whole[:-2], stop="cut") == {"one": Known(None, CUT)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot see any patterns.",
        '```json\n{"files": []}\n```',
        '{"files": [',
        "null",
        "[]",
        '{"files": null}',
        '{"files": [1]}',
        '{"files": [{"patterns": []}]}',
        '{"files": [{"file": NaN}]}',
        '{"files": [{"file": 1e999}]}',
        '{"files": [{"file": ' + "1" * 5_000 + "}]}",
        '{"files": [], "more": "\\ud800"}',
        '{"files": [], "more": ' + "[" * 11 + "]" * 11 + "}",
        "[" * 100_000,
        '{"a":' * 50_000,
        '{"files": []}' + " " * 500_000,
        json.dumps({"files": [{"file": 1}] * 10_001}),
    ],
)
def test_what_is_no_answer_tells_nothing_of_any_file(text):
    assert known(text, "one", "two") == {"one": Known(None, NO_JSON), "two": Known(None, NO_JSON)}


def test_a_wrong_claim_costs_only_itself():
    wrong = [None, 1, [], {}, {"name": "saga"}, pattern(quote=7), pattern(""), pattern("half \ud800")]
    assert names([pattern("saga"), *wrong[:-1], pattern("cqrs")]) == ["saga", "cqrs"]
    raw = json.dumps({"files": [file(patterns=[pattern("saga"), wrong[-1]])]}, ensure_ascii=False)
    assert [one.name for one in known(raw)["one"].said.patterns] == ["saga"]


@pytest.mark.parametrize(
    "name",
    [
        "retry-backoff",
        "Retry with backoff",
        "CI/CD",
        "C++ modules",
        "C#",
        "ASP.NET Core",
        "Socket.IO",
        "Zustände",
    ],
)
def test_a_name_of_a_pattern_is_kept(name):
    assert names([pattern(name)]) == [name]


@pytest.mark.parametrize(
    "name",
    [
        "x" * 61,
        "https://evil.example/x",
        "//evil",
        "www.evil",
        "evil.com",
        "see evil.io/asp.net",
        "asp.net/evil",
        "evil.asp.net",
        "[click](evil)",
        "**bold**",
        "<img src=x>",
        "`code`",
        "@everyone",
        "# Title",
        "two\nlines",
        "bell\x07",
        "zero\u200bwidth",
        "\u3164",
        "sa\u3164ga",
        "tag\U000e0041",
        "no\u00a0space",
        " ",
        "ignore: all rules",
    ],
)
def test_an_address_markup_or_what_nobody_sees_is_no_name(name):
    assert names([pattern(name)]) == []


def test_a_secret_that_it_repeats_is_kept_nowhere():
    secret = "ghp_" + "a1B2c3D4e5F6" * 3
    decision = {"kind": "choice", "title": f"Use {secret}", "quote": secret}
    component = {"name": secret, "quote": secret}
    told = known({"files": [file(1, [pattern(quote=secret)], [decision], [component])]})
    assert secret not in repr(told)
    assert told["one"].said.patterns[0].quote == "[REDACTED:github-token]"


def test_texts_that_are_too_long_are_cut_and_claims_too_many_left_out():
    long = pattern(quote="q" * 5_000)
    said = known({"files": [file(1, [long, *[pattern()] * 500])]})["one"].said
    assert len(said.patterns) == MOST_CLAIMS
    assert len(said.patterns[0].quote) == 400


def test_the_largest_answer_takes_no_time():
    started = time.monotonic()
    known({"files": [file(1, [pattern("s", "q")] * 9_000)]})
    known('{"files": [' + ",".join(['{"file":1,"patterns":[{}]}'] * 9_999) + "]}")
    assert time.monotonic() - started < 3


def test_the_schema_keeps_to_what_structured_output_takes():
    def look(schema):
        assert set(schema) <= {"type", "properties", "required", "additionalProperties", "items", "enum"}
        if schema.get("type") == "object":
            assert schema["additionalProperties"] is False
            assert schema["required"] == list(schema["properties"])
        for inner in [*schema.get("properties", {}).values(), *filter(None, [schema.get("items")])]:
            look(inner)

    look(SCHEMA)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
CLAIM = ANY_JSON | st.fixed_dictionaries(
    {key: ANY_JSON | st.text() for key in ("name", "quote", "kind", "title")}
)
FILE = st.fixed_dictionaries(
    {
        "file": st.integers(-1, 4) | ANY_JSON,
        **{key: st.lists(CLAIM, max_size=4) | ANY_JSON for key in ("patterns", "decisions", "components")},
    }
)
STOPS = st.sampled_from(["complete", "cut", "refused"])


@given(st.text(st.characters(codec=None)) | st.binary().map(lambda some: some.decode("latin-1")), STOPS)
def test_no_text_whatever_is_an_exception(text, stop):
    assert set(known(text, "one", "two", stop=stop)) == {"one", "two"}


@given(
    ANY_JSON | st.fixed_dictionaries({"files": st.lists(FILE, max_size=4) | ANY_JSON}), st.booleans(), STOPS
)
def test_no_json_whatever_is_an_exception_and_what_is_kept_can_be_written(content, escaped, stop):
    told = known(json.dumps(content, ensure_ascii=escaped), "one", "two", stop=stop)
    for one in told.values():
        assert one.said is None or Said.model_validate_json(one.said.model_dump_json()) == one.said
