"""Which skill a message asks for, wherever it says so, and no guess where it does not."""

import json
import time

import pytest
from a2a.types.a2a_pb2 import Message, Part
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct, Value
from hypothesis import given, settings
from hypothesis import strategies as st

from a2a_gateway.protocol.selection import EXTENSION, Asked, Unclear, asked, plain
from a2a_gateway.protocol.values import as_value

SKILL, INPUT = "query_patterns", {"keywords": ["retry"], "limit": 3}
CALL = {"skill_id": SKILL, "input": INPUT}
DATA = {"data": INPUT}
ASKED = Asked(SKILL, INPUT)


def ask(*parts, metadata=None, request=None):
    sent = {"messageId": "m", "role": "ROLE_USER", "parts": parts, "metadata": metadata or {}}
    return asked(ParseDict(sent, Message()), ParseDict(request or {}, Struct()))


def text(content):
    return {"text": content if isinstance(content, str) else json.dumps(content)}


NAMED = {
    "the extension": ([DATA], {"metadata": {EXTENSION: {"skillId": SKILL}}}),
    "the extension in snake case": ([DATA], {"metadata": {EXTENSION: {"skill_id": SKILL}}}),
    "the extension at the request": ([DATA], {"request": {EXTENSION: {"skillId": SKILL}}}),
    "the metadata": ([DATA], {"metadata": {"skillId": SKILL}}),
    "the metadata in snake case": ([DATA], {"metadata": {"skill_id": SKILL, "trace": [1]}}),
    "the metadata in short": ([DATA], {"metadata": {"skill": SKILL}}),
    "the metadata of the request": ([DATA], {"request": {"skillId": SKILL}}),
    "a call": ([{"data": CALL}], {}),
    "a call in camel case": ([{"data": {"skillId": SKILL, "input": INPUT}}], {}),
    "a call in short": ([{"data": {"skill": SKILL, "input": INPUT}}], {}),
    "a call in the other envelope": ([{"data": {"skill_name": SKILL, "input_data": INPUT}}], {}),
    "the other envelope in camel case": ([{"data": {"skillName": SKILL, "inputData": INPUT}}], {}),
    "a call in text": ([text(CALL)], {}),
    "a call in text with space around it": ([text(f"\n {json.dumps(CALL, indent=2)}\n")], {}),
    "the name before the input": ([text(f"{SKILL} {json.dumps(INPUT)}")], {}),
    "the name right before the input": ([text(f" {SKILL}{json.dumps(INPUT)}")], {}),
    "a call among words": ([text("Please:"), {"data": CALL}, text("{thanks}")], {}),
    "everything at once": (
        [{"data": CALL}, text(CALL), text(INPUT), text(f"{SKILL} {json.dumps(INPUT)}")],
        {"metadata": {EXTENSION: {"skillId": SKILL}, "skill": SKILL}, "request": {"skill_id": SKILL}},
    ),
    "the metadata with the input in text": ([text("Here:"), text(INPUT)], {"metadata": {"skill": SKILL}}),
}


@pytest.mark.parametrize(("parts", "beside"), NAMED.values(), ids=NAMED)
def test_a_skill_may_be_named_in_every_place(parts, beside):
    assert ask(*parts, **beside) == ASKED


NOT_NAMED = {
    "nothing": [],
    "words": [text("Which repositories retry?")],
    "the name of a skill": [text(SKILL)],
    "words in braces": [text("{please}")],
    "words before JSON": [text(f"please call {SKILL} {json.dumps(INPUT)}")],
    "words after JSON": [text(f"{json.dumps(CALL)} please")],
    "two calls after each other": [text(f"{json.dumps(CALL)}\n{json.dumps(CALL)}")],
    "JSON in a fence": [text(f"```json\n{json.dumps(CALL)}\n```")],
    "JSON with a comma too many": [text(f"{SKILL} {{'keywords': []}}")],
    "JSON without its end": [text(json.dumps(CALL)[:-1])],
    "a number that is none": [text(f'{SKILL} {{"limit": NaN}}')],
    "half of a surrogate pair": [text(f'{{"skill_id": "{SKILL}", "input": {{"as_of": "\\ud800"}}}}')],
    "a list of calls": [text([CALL])],
    "input alone": [DATA],
    "several inputs": [DATA, DATA],
    "an empty name": [{"data": {"skill_id": "", "skill": None, "input": INPUT}}],
    "no object": [{"data": SKILL}, {"data": None}, {"data": [CALL]}],
    "files": [{"raw": "e30=", "mediaType": "application/json"}, {"url": "https://example.com/call.json"}],
    "an extension in a part": [{**DATA, "metadata": {"skillId": SKILL}}],
}


@pytest.mark.parametrize("parts", NOT_NAMED.values(), ids=NOT_NAMED)
def test_what_names_no_skill_is_not_guessed_at(parts):
    assert ask(*parts, metadata={"conversation": SKILL, EXTENSION: {}}) is None


@pytest.mark.parametrize("part", [text("List them"), {}, {"data": {"skill": SKILL}}])
def test_a_call_may_have_no_input(part):
    assert ask(part, metadata={"skillId": SKILL}) == Asked(SKILL, None)


OTHER = {"data": {**CALL, "skill_id": "find_component"}}
IN_METADATA = {"metadata": {"skillId": SKILL}}
UNCLEAR = {
    "two names in the metadata": (
        [DATA],
        {"metadata": {"skillId": SKILL, "skill": "x"}},
        "message.metadata.skill",
    ),
    "the request has another": ([DATA], {**IN_METADATA, "request": {"skill": "x"}}, "metadata.skill"),
    "the extension has another": (
        [DATA],
        {"metadata": {EXTENSION: {"skillId": "x"}, "skill": SKILL}},
        "message.metadata.skill",
    ),
    "the call is another": ([OTHER], IN_METADATA, "message.parts[0].data.skill_id"),
    "the text is another": ([DATA, text('x {"a":1}')], IN_METADATA, "message.parts[1].text.skill_id"),
    "two calls": ([{"data": CALL}, OTHER], {}, "message.parts[1].data.skill_id"),
    "two names in a call": ([{"data": {**CALL, "skill": "x"}}], {}, "message.parts[0].data.skill"),
    "two inputs": ([DATA, {"data": {}}], IN_METADATA, "message.parts[1].data"),
    "two inputs in a call": ([{"data": {**CALL, "input_data": {}}}], {}, "message.parts[0].data.input_data"),
    "another input in text": ([{"data": CALL}, text(f"{SKILL} {{}}")], {}, "message.parts[1].text.input"),
    "a name that is a number": ([{"data": {"skill_id": 7}}], {}, "message.parts[0].data.skill_id"),
    "a name that is a list": ([DATA], {"metadata": {"skill": [SKILL]}}, "message.metadata.skill"),
    "an extension that is a name": (
        [DATA],
        {"metadata": {EXTENSION: SKILL}},
        f"message.metadata[{EXTENSION}]",
    ),
    "a file beside the call": ([{"data": CALL}, {"url": "https://example.com"}], {}, "message.parts[1].url"),
    "a file as the input": ([{"raw": "e30="}], IN_METADATA, "message.parts[0].raw"),
    "text that is nested too deeply": (
        [text(f'{SKILL} {{"a":{"[" * 200}{"]" * 200}}}')],
        {},
        "message.parts[0].text",
    ),
}


@pytest.mark.parametrize(("parts", "beside", "field"), UNCLEAR.values(), ids=UNCLEAR)
def test_what_is_said_twice_or_cannot_be_meant_is_refused_by_name(parts, beside, field):
    with pytest.raises(Unclear) as refused:
        ask(*parts, **beside)
    assert refused.value.fields[-1][0] == field
    assert all(message for _, message in refused.value.fields)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_does_not_have_is_refused_wherever_it_is_read(number):
    message = Message(parts=[Part(data=Value(number_value=number))])
    with pytest.raises(Unclear, match=r"message.parts\[0\].data: JSON has neither"):
        asked(message, Struct())
    message = Message()
    message.metadata.fields["skill"].list_value.values.add().number_value = number
    with pytest.raises(Unclear, match="message.metadata.skill: JSON has neither"):
        asked(message, Struct())
    del message.metadata.fields["skill"]
    message.metadata.fields["unread"].number_value = number
    assert asked(message, Struct()) is None


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (1.0, 1),
        (-0.0, 0),
        (0.5, 0.5),
        (1e300, 1e300),
        (2**53 - 1, 2**53 - 1),
        (2**53 + 1, float(2**53)),
        (12345678901234567890, 12345678901234567168.0),
        (True, True),
        ([1.0, {"a": 2.0}], [1, {"a": 2}]),
    ],
)
def test_whole_numbers_are_integers_as_far_as_they_are_exact(sent, read):
    for got in (plain(ParseDict({"n": sent}, Struct()))["n"], plain(ParseDict(sent, Value()))):
        assert (got, type(got)) == (read, type(read))


def test_a_megabyte_takes_no_longer_than_its_reading():
    began = time.process_time()
    size = 1_000_000
    for content in (
        "{" * size,
        "a" * size + "{}",
        f"{' ' * size}{{}}",
        "{" + " " * size + "}",
        "1{" * (size // 2) + "}",
    ):
        assert ask(text(content)) in (None, Asked("1", {}))
    assert ask(*[text(INPUT)] * 10_000, metadata={"skill": SKILL}) == ASKED
    with pytest.raises(Unclear) as refused:
        ask(*[{"data": {"skill": "x" * 1000 + str(number)}} for number in range(1000)])
    assert len(str(refused.value)) < 500
    assert time.process_time() - began < 20  # what is quadratic takes hours; other tests' threads count, too


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
)


@given(_json)
@settings(deadline=None, database=None, derandomize=True)
def test_an_answer_says_the_same_in_protobuf(content):
    value = as_value(content)
    assert value == ParseDict(content, Value())
    assert plain(value) == content == json.loads(json.dumps(MessageToDict(value)))


def test_what_protobuf_cannot_hold_is_said_as_well_as_it_can_be():
    answer = {"path\udc80": "a\ud83d\ude00b\udcff", "id": 2**53, "ratio": float("nan"), "pair": ("a", 1)}
    assert plain(as_value(answer)) == {
        "path\ufffd": "a\U0001f600b\ufffd",
        "id": "9007199254740992",
        "ratio": None,
        "pair": ["a", 1],
    }
    with pytest.raises(TypeError, match="bytes is not JSON"):
        as_value({"a": b""})
