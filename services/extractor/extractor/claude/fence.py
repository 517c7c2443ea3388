"""The material of a question: files between two markers that nobody knew when the files were written.

Spotlighting by delimiters: arXiv 2403.14720. What a person would not see is not shown to the model either.
"""

import json
import secrets
import unicodedata
from collections.abc import Iterator, Sequence

from extractor.claude.pieces import Piece

_MOST_COMMITS = 20
_LONGEST_LINE = 2_000
"""Characters; what is longer is data, and nobody reads it."""

_SHOWN_CONTROLS = "\t\n"
_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Unicode categories of which nothing is seen; most tags and bidi controls are Cf, the rest of theirs Cn."""

_BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000))))
)
"""Letters and marks by their category that show nothing: fillers, joiners, selectors of variants."""


def fenced(pieces: Sequence[Piece], *, commits: Sequence[str], nonce: str | None = None) -> str:
    """The pieces, numbered from 1, and the subjects of the commits, between markers with a random word."""
    body = "\n".join(_body(pieces, commits))
    while nonce is None or nonce in body:
        nonce = secrets.token_hex(16)
    return (
        f"<material-{nonce}>\n{body}\n</material-{nonce}>\n\n"
        f"That was all of the material, up to the marker with {nonce}. Answer as the brief says."
    )


def visible(text: str) -> str:
    """`text` without what shows nothing, and with a plain space for each that only looks like one.

    What shows nothing: format characters (zero width, bidi, tags), controls but tab and line feed, private
    use, half surrogate pairs, what no character is assigned to, separators of lines and paragraphs,
    variation selectors, and letters that are blank.
    """
    if text.isascii() and text.isprintable():
        return text
    shown = {one: _shown(one) for one in set(text)}  # few, however long the text is
    return text.translate({ord(one): instead for one, instead in shown.items() if instead != one})


def _shown(character: str) -> str:
    if character in _SHOWN_CONTROLS:
        return character
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    return "" if category in _INVISIBLE or character in _BLANK else character


def _body(pieces: Sequence[Piece], commits: Sequence[str]) -> Iterator[str]:
    if commits:
        yield "The commits say:"
        yield from (f"- {_quoted(subject)}" for subject in commits[:_MOST_COMMITS])
        yield ""
    for number, piece in enumerate(pieces, start=1):
        what = "new file" if piece.status == "added" else "added lines"
        yield f"File {number}: {_quoted(piece.path)} ({what})"
        yield from _lines(piece)
        yield ""


def _lines(piece: Piece) -> Iterator[str]:
    following = None
    for start, lines in piece.hunks():
        if following is not None:
            yield "    ..."
        for number, line in enumerate(lines, start=start):
            yield f"{number:>6}  {visible(line)[:_LONGEST_LINE]}"
        following = start + len(lines)


def _quoted(text: str) -> str:
    return json.dumps(visible(text)[:400], ensure_ascii=False)
