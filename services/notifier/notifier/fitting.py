"""Texts cut to what a chat takes: a whole line rather than a part of one, and said how many are missing."""

from collections.abc import Callable, Iterator, Sequence

from notifier import texts

LONGEST_LINE = 600
"""As a chat counts, with what escaping adds: no fact of ours is longer, but a hostile name may be."""

Escape = Callable[[str], str]
"""How a chat wants text that is not to be obeyed: character by character."""


def size(text: str) -> int:
    """Characters as those count who count the most: one beyond the BMP is two."""
    return len(text.encode("utf-16-le")) // 2


def fitted(lines: Sequence[str], most: int, *, escape: Escape, bullet: str = "") -> str:
    """The lines escaped, each behind `bullet`: as many as fit into `most`, and how many were left out."""
    return "\n".join(_fitted(lines, most, escape, bullet))


def shortened(text: str, most: int, *, escape: Escape) -> str:
    """`text` escaped, and cut to `most` where it is longer."""
    whole = escape(text[:most])
    if len(text) <= most and size(whole) <= most:
        return whole
    shown, left = [], most - 1
    for character in map(escape, text):
        left -= size(character)
        if left < 0:
            break
        shown.append(character)
    return "".join(shown) + "…"


def _fitted(lines: Sequence[str], most: int, escape: Escape, bullet: str) -> Iterator[str]:
    left = most
    for number, line in enumerate(lines):
        after = len(lines) - number - 1
        room = left - (size(texts.more_lines(after)) + 1 if after else 0)
        longest = LONGEST_LINE if number else min(LONGEST_LINE, room)
        shown = bullet + shortened(line, longest - size(bullet), escape=escape)
        if size(shown) > room:
            yield texts.more_lines(after + 1)
            return
        yield shown
        left -= size(shown) + 1
