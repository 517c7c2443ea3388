"""What a change took out of a file, and whether it did more than lay the file out anew.

Sets of lines are compared, never sequences: the time is linear in the texts, whatever they are.
"""

from collections.abc import Iterator

from devnexus.layout_key import line_key, without_layout
from extractor.evidence import lines_of

EVERYTHING = "*"
"""Instead of the keys, where they would be too many."""

MOST_KEYS = 400
"""3.2 kB of an event, which tells of many files; a file that lost so many lines is another file."""


def is_only_laid_out(before: str, after: str) -> bool:
    """Whether nothing but layout differs, or nothing at all."""
    return before == after or without_layout(before) == without_layout(after)


def gone(before: str, after: str) -> str:
    """The `FileReading.gone` of the two texts: keys of lines that stood in `before` and nowhere in `after`.

    Lines without a letter or a digit are passed over: they can bear no claim.
    """
    if is_only_laid_out(before, after):
        return ""
    keys: list[str] = []
    for line in _lost(before, after):
        if len(keys) == MOST_KEYS:
            return EVERYTHING
        keys.append(line_key(line))
    return "".join(keys)


def _lost(before: str, after: str) -> Iterator[str]:
    """The lines that are gone, each once, in the order in which they stood."""
    here = lines_of(after)
    as_they_are = set(here)
    missing = [line for line in dict.fromkeys(lines_of(before)) if line not in as_they_are]
    there = {without_layout(line) for line in here} if missing else set()
    for line in missing:
        bare = without_layout(line)
        if bare not in there and any(map(str.isalnum, bare)):
            there.add(bare)
            yield line
