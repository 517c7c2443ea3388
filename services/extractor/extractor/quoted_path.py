"""Paths as the headers of a diff write them: with a prefix, and quoted like C strings where they are odd."""

import re

_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_NAMED = {b"a": 7, b"b": 8, b"t": 9, b"n": 10, b"v": 11, b"f": 12, b"r": 13}
_PREFIX = re.compile(rb"[abciow]/")
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"')


def header_path(text: bytes, *, has_prefix: bool = True) -> str:
    """The path in a `---`, `+++` or `rename` line; bytes that are not UTF-8 as `\\xNN`."""
    text = text.removesuffix(b"\r")
    # behind a path with spaces git puts a tab, other tools a tab and a date
    raw = _unquoted(text) if text.startswith(b'"') else text.partition(b"\t")[0]
    return _text(_PREFIX.sub(b"", raw, count=1) if has_prefix and _PREFIX.match(raw) else raw)


def halves(text: bytes) -> tuple[str | None, str | None]:
    """The two paths behind `diff --git`; None where spaces leave open where one ends.

    Such a line stands alone only where both paths are the same, so that the middle is where they part.
    """
    text = text.removesuffix(b"\r")
    quoted = _QUOTED.match(text)
    if quoted or text.endswith(b'"'):
        split = quoted.end() if quoted else text.find(b' "')
        return header_path(text[:split]), header_path(text[split + 1 :])
    old, new = text[: len(text) // 2], text[len(text) // 2 + 1 :]
    if old[2:] == new[2:] and len(text) % 2:
        return header_path(old), header_path(new)
    if text.count(b" ") == 1:
        old, _, new = text.partition(b" ")
        return header_path(old), header_path(new)
    return None, None


def _unquoted(text: bytes) -> bytes:
    match = _QUOTED.match(text)
    return _ESCAPE.sub(_byte, match.group()[1:-1] if match else text)


def _byte(match: re.Match[bytes]) -> bytes:
    escaped = match[1]
    if len(escaped) == 3:
        return bytes([int(escaped, 8) & 0xFF])
    return bytes([_NAMED[escaped]]) if escaped in _NAMED else escaped


def _text(path: bytes) -> str:
    return path.decode("utf-8", "backslashreplace")
