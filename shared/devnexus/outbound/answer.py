"""What came back, as far as it was asked for; nothing of it is read without an end."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from typing import Protocol

MOST = 64 * 1024
"""Bytes of an answer's body that are read where the caller does not ask for more."""

_CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(;[^\n]*)?\r?\n")
_LONGEST_CHUNK_LINE = 1024
_LONGEST_RETRY_AFTER = 64
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=([0-9]{1,9})(?![0-9])", re.IGNORECASE)
_NOT_TO_KEEP = re.compile(r"(?:^|[,\s])no-(?:store|cache)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """The status, and what little of the rest anybody needs."""

    status: int
    retry_after: float | None = None
    """Seconds, where the header Retry-After names any, or a moment (0 if that has passed)."""
    content_type: str = "text/plain"
    """Of Content-Type, in lower case and without its parameters."""
    body: bytes = b""
    """Whole, or empty where it was not asked for."""
    max_age: int | None = None
    """Seconds for which the body may be kept from now on, where Cache-Control says so."""


class Unreadable(HTTPException):
    """The body is not what HTTP says it should be, or longer than the caller takes."""


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...

    def readline(self, size: int, /) -> bytes: ...


def without_body(response: HTTPResponse) -> Answer:
    """The answer for those who ask for no more than its status; one read, so that the other side may end."""
    with suppress(OSError, HTTPException):
        if response.fp:  # not `response.read`: a chunk of size -1 would make it read without end
            response.fp.read1(MOST)
    return _answer(response, b"")


def with_body(response: HTTPResponse, most: int) -> Answer:
    """The answer with its whole body; raise Unreadable if that is longer than `most` or breaks off."""
    return _answer(response, _body(response, most))


def seconds_asked(header: str, *, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or as a date; None if it is neither."""
    value = header.strip()
    if not value.isascii() or len(value) > _LONGEST_RETRY_AFTER:
        return None
    if value.isdigit():
        return float(value) if len(value) < 10 else None
    try:
        moment = parsedate_to_datetime(value)
        return max((moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds(), 0.0)
    except (ValueError, OverflowError):
        return None


def seconds_to_keep(cache_control: str, age: str) -> int | None:
    """How long a Cache-Control header lets the answer be kept; what a cache on the way took is off that."""
    found = _MAX_AGE.search(cache_control)
    if _NOT_TO_KEEP.search(cache_control):
        return 0
    if not found:
        return None
    passed = int(age) if age.isascii() and age.isdigit() and len(age) < 10 else 0
    return max(int(found[1]) - passed, 0)


def _answer(response: HTTPResponse, body: bytes) -> Answer:
    return Answer(
        status=response.status,
        retry_after=seconds_asked(response.getheader("Retry-After") or "", now=datetime.now(UTC)),
        content_type=response.headers.get_content_type(),
        body=body,
        max_age=seconds_to_keep(
            response.getheader("Cache-Control") or "", (response.getheader("Age") or "").strip()
        ),
    )


def _body(response: HTTPResponse, most: int) -> bytes:
    stream = response.fp
    if not stream or response.length == 0:  # chunked or not, where the status allows no body
        return b""
    if response.chunked:
        return b"".join(_chunks(stream, most))
    length = response.length
    if length is None:  # it ends where the connection does
        body = stream.read(most + 1)
        return body if len(body) <= most else _refuse(most)
    if length > most:
        _refuse(most)
    return _exactly(length, stream)


def _chunks(stream: _Stream, most: int) -> Iterator[bytes]:
    """The chunks of the body: http.client takes a size of -1 for one, and then reads without end."""
    left = most
    while size := _chunk_size(stream.readline(_LONGEST_CHUNK_LINE)):
        left -= size
        if left < 0:
            _refuse(most)
        yield _exactly(size, stream)
        if stream.readline(3) not in {b"\r\n", b"\n"}:
            raise Unreadable("its answer is not chunked as it says")


def _chunk_size(line: bytes) -> int:
    found = _CHUNK_SIZE.fullmatch(line)
    if not found:
        raise Unreadable("its answer broke off" if not line else "its answer is not chunked as it says")
    return int(found[1], 16)


def _exactly(size: int, stream: _Stream) -> bytes:
    read = stream.read(size)
    if len(read) < size:
        raise Unreadable("its answer broke off")
    return read


def _refuse(most: int) -> bytes:
    raise Unreadable(f"its answer is longer than {most} bytes")
