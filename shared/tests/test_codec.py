"""CloudEvents on Pub/Sub: what goes out comes back, and what is not a CloudEvent is refused."""

import pytest
from builders import pushed, record_of
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from devnexus.codec import MAX_EVENT_BYTES, decode, encode, from_message, to_message
from devnexus.errors import Rejected, Unavailable

PUSH = pushed("a", "b")

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**53), max_value=2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text("abc", max_size=3), children, max_size=4)
    ),
    max_leaves=12,
)
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
extensions = st.dictionaries(st.from_regex("x[a-z0-9]{1,10}", fullmatch=True), words, max_size=3)


@given(identifier=words, source=words, kind=words, extra=extensions, data=json_values)
def test_every_cloudevent_comes_back_as_it_was_sent(identifier, source, kind, extra, data):
    attributes = {"id": identifier, "source": source, "type": kind, "specversion": "1.0", **extra}
    envelope = CloudEvent({**attributes, "datacontenttype": "application/json"}, data)
    returned = from_message(*to_message(envelope))
    assert returned.get_data() == data
    assert returned.get_attributes() == envelope.get_attributes()


def test_an_event_comes_back_with_all_it_says():
    assert decode(*encode(PUSH, source="/test")) == PUSH


@pytest.mark.parametrize("name", ["id", "source", "type", "specversion"])
@pytest.mark.parametrize("present", [False, True], ids=["missing", "empty"])
def test_a_required_attribute_must_be_there_and_say_something(name, present):
    data, attributes = encode(PUSH, source="/test")
    del attributes[f"ce-{name}"]
    if present:
        attributes[f"ce-{name}"] = ""
    with pytest.raises(Rejected, match=f"ce-{name}"):
        decode(data, attributes)


@pytest.mark.parametrize(
    "changes",
    [
        {"content-type": "application/cloudevents+json"},
        {"content-type": "text/plain"},
        {"content-type": ""},
        {"Content-Type": "text/plain"},
        {"ce-specversion": "0.3"},
        {"ce-Id_": "x"},
        {"ce-time": "yesterday"},
        {"ce-time": "2026-01-01T00:00:00"},
        {"CE-ID": "another"},
    ],
    ids=lambda changes: "=".join(*changes.items()),
)
def test_a_malformed_attribute_is_refused(changes):
    data, attributes = encode(PUSH, source="/test")
    with pytest.raises(Rejected):
        decode(data, {**attributes, **changes})


def test_a_message_without_a_content_type_is_refused():
    data, attributes = encode(PUSH, source="/test")
    del attributes["content-type"]
    with pytest.raises(Rejected, match="content-type"):
        decode(data, attributes)


@pytest.mark.parametrize("name", ["Content-Type", "ce-datacontenttype"])
def test_other_spellings_of_the_content_type_are_understood(name):
    data, attributes = encode(PUSH, source="/test")
    attributes[name] = attributes.pop("content-type") + "; charset=UTF-8"
    assert decode(data, attributes) == PUSH


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff", b'{"a": NaN}', b"[" * 100_000, b"1" * 5000, b"null", b"[]"],
    ids=lambda data: repr(data[:12]),
)
def test_data_that_is_no_json_object_is_refused(data):
    _, attributes = encode(PUSH, source="/test")
    with pytest.raises(Rejected):
        decode(data, attributes)


def test_a_number_that_json_does_not_know_is_refused_even_where_nobody_looks():
    data, attributes = encode(PUSH, source="/test")
    with pytest.raises(Rejected, match="NaN"):
        decode(data.replace(b'{"after"', b'{"unused":NaN,"after"'), attributes)


def test_a_field_that_is_missing_or_wrong_is_named():
    data, attributes = encode(PUSH, source="/test")
    with pytest.raises(Rejected, match="before"):
        decode(data.replace(b'"before"', b'"befor"'), attributes)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
def test_a_time_that_no_clock_in_utc_shows_is_refused(moment):
    data, attributes = encode(PUSH, source="/test")
    with pytest.raises(Rejected, match="pushed_at"):
        decode(data.replace(b"2026-03-01T12:00:00Z", moment.encode()), attributes)


@pytest.mark.parametrize("change", [(b'"a1"', b'"\\ud800"'), (b'"analysis"', '"analysis"'.encode("utf-16"))])
def test_text_that_could_not_be_written_again_is_refused(change):
    data, attributes = encode(record_of(PUSH), source="/test")
    with pytest.raises(Rejected):
        decode(data.replace(*change), attributes)


@pytest.mark.parametrize("change", [{"part": 3, "parts": 2}, {"record_id": "github.com/2:x"}])
def test_a_record_that_contradicts_itself_is_refused(change):
    data, attributes = to_message(
        CloudEvent(
            {"id": "x", "source": "s", "type": "patterns.extracted.v1"},
            {**record_of(PUSH).payload(), **change},
        )
    )
    with pytest.raises(Rejected, match="part|record_id"):
        decode(data, attributes)


def test_an_id_that_does_not_belong_to_the_content_is_refused():
    data, attributes = encode(PUSH, source="/test")
    with pytest.raises(Rejected, match="natural key"):
        decode(data, {**attributes, "ce-id": "something else"})


def test_an_unknown_type_or_version_may_become_known():
    data, attributes = encode(PUSH, source="/test")
    with pytest.raises(Unavailable, match=r"commit\.pushed\.v2"):
        decode(data, {**attributes, "ce-type": "commit.pushed.v2"})


def test_an_event_that_has_made_too_many_hops_is_refused():
    data, attributes = encode(PUSH, source="/test")
    with pytest.raises(Rejected, match="hops"):
        decode(data.replace(b'{"after"', b'{"hops":3,"after"'), attributes)


def test_an_event_above_one_megabyte_is_never_sent():
    envelope = CloudEvent({"id": "1", "source": "s", "type": "t"}, {"text": "x" * MAX_EVENT_BYTES})
    with pytest.raises(ValueError, match="bytes"):
        to_message(envelope)
