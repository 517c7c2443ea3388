"""Answers whose body somebody wants: whole within its bounds, or none."""

import socket
import time
from datetime import UTC, datetime

import pytest
from fakes.socket_server import Flood, drips, says, server_that
from hypothesis import given
from hypothesis import strategies as st

from devnexus.outbound import Answer, NoAnswer, Outbound, web_address
from devnexus.outbound.answer import seconds_asked

NOW = datetime(2026, 10, 21, 7, 28, tzinfo=UTC)
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


def answer_to(act, *, most=10, method="GET", seconds=5.0):
    with server_that(act) as url:
        outbound = Outbound(allow_private=True, seconds=seconds)
        address = web_address(url, allow_private=True)
        return outbound.request(method, address, headers={}, most=most)


def ok(rest):
    return says(b"HTTP/1.1 200 OK\r\n" + rest)


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 10\r\n\r\n0123456789",
        b"\r\n0123456789",
        CHUNKED + b"4\r\n0123\r\n6;x=y\r\n456789\r\n0\r\n\r\n",
        CHUNKED + b"A\n0123456789\n0\n",
    ],
    ids=["length", "until the end", "chunks", "chunks with bare line feeds"],
)
def test_a_body_comes_whole_however_its_end_is_told(rest):
    assert answer_to(ok(rest)).body == b"0123456789"


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 11\r\n\r\n0123456789x",
        b"Content-Length: 999999999999\r\n\r\n",
        b"\r\n0123456789x",
        CHUNKED + b"4\r\n0123\r\n7\r\n456789x\r\n0\r\n\r\n",
        CHUNKED + b"ffffffff\r\n",
    ],
    ids=["length", "a length beyond reason", "until the end", "chunks", "a chunk beyond reason"],
)
def test_a_body_longer_than_asked_for_is_no_answer(rest):
    with pytest.raises(NoAnswer, match="its answer is longer than 10 bytes"):
        answer_to(ok(rest))


@pytest.mark.parametrize(
    "rest",
    [b"Content-Length: 9\r\n\r\n012", CHUNKED + b"9\r\n012", CHUNKED + b"3\r\n012\r\n", CHUNKED],
)
def test_a_body_that_breaks_off_is_no_answer(rest):
    with pytest.raises(NoAnswer, match="broke off"):
        answer_to(ok(rest))


@pytest.mark.parametrize("size", [b"-1", b"+1", b"0x1", b"1_0", b"", b" ", b"x", b"1" * 2000])
def test_chunks_that_are_none_are_no_answer(size):
    with pytest.raises(NoAnswer, match="not chunked as it says"):
        answer_to(ok(CHUNKED + size + b"\r\n0123456789"))


@pytest.mark.parametrize("head", [b"\r\n", CHUNKED + b"-1\r\n", CHUNKED + b"fffffff\r\n"])
def test_of_a_body_without_end_no_more_is_read_than_was_asked_for(head):
    flood = Flood(b"HTTP/1.1 200 OK\r\n" + head)
    with pytest.raises(NoAnswer):
        answer_to(flood)
    assert flood.sent < 50_000_000


@pytest.mark.parametrize("head", [b"\r\n", b"Content-Length: 9999\r\n\r\n", CHUNKED])
def test_a_body_that_drips_is_cut_off_in_time_and_is_not_taken_for_whole(head):
    began = time.monotonic()
    with pytest.raises(NoAnswer, match="no answer within 0.3 s"):
        answer_to(drips(b"1\r\n0\r\n", after=b"HTTP/1.1 200 OK\r\n" + head), most=1_000_000, seconds=0.3)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_a_status_that_allows_no_body_is_not_waited_at(status):
    def act(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 " + status + b"\r\n" + CHUNKED)
        connection.recv(1)  # until the other side has had enough

    assert answer_to(act) == Answer(status=int(status[:3]))


def test_what_the_body_is_and_how_long_to_wait_is_told_of_it():
    head = b"Content-Type: Application/JSON; charset=utf-8\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\n{}"
    assert answer_to(says(b"HTTP/1.1 429 Slow\r\n" + head)) == Answer(
        status=429, retry_after=7, content_type="application/json", body=b"{}"
    )


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("Wed, 21 Oct 2026 07:30:00 GMT", 120),
        ("Wednesday, 21-Oct-26 07:30:00 GMT", 120),
        ("Wed Oct 21 07:30:00 2026", 120),
        ("Wed, 21 Oct 2026 07:27:00 GMT", 0),
        ("", None),
        ("-1", None),
        ("1e9", None),
        ("soon", None),
        ("٣", None),
        ("9" * 5000, None),
        ("Wed, 21 Oct 2026 07:30:00 GMT" + " " * 5000 + "x", None),
        ("Wed, 99 Oct 2026 07:30:00 GMT", None),
    ],
)
def test_retry_after_is_a_number_of_seconds_or_a_moment(header, seconds):
    assert seconds_asked(header, now=NOW) == seconds


@given(st.text(alphabet="WedOctGMT0123456789-:, +", max_size=70))
def test_no_retry_after_can_do_harm(header):
    seconds = seconds_asked(header, now=NOW)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (b"", None),
        (b"Cache-Control: public, max-age=600, must-revalidate\r\n", 600),
        (b"Cache-Control: Max-Age=600\r\nAge: 100\r\n", 500),
        (b"Cache-Control: max-age=600\r\nAge: 700\r\n", 0),
        (b"Cache-Control: max-age=600\r\nAge: -1\r\n", 600),
        (b"Cache-Control: no-store, max-age=600\r\n", 0),
        (b"Cache-Control: s-maxage=600\r\n", None),
        (b"Cache-Control: max-age=99999999999999\r\n", None),
    ],
)
def test_how_long_an_answer_may_be_kept_is_told_if_it_says_so(headers, seconds):
    assert answer_to(ok(headers + b"Content-Length: 0\r\n\r\n")).max_age == seconds
