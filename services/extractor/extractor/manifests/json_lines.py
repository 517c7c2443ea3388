"""Where the keys of a JSON manifest stand: JSON parsers give no lines."""

import re
from bisect import bisect_right
from collections.abc import Iterable

_KEY = re.compile(r'"([^"\\\n]*)"\s*:')


def key_lines(text: str, sections: Iterable[str]) -> dict[tuple[str, str], int]:
    """(section, key) → line, for the keys of flat objects that stand under these names."""
    names = "|".join(map(re.escape, sections))
    ends = [match.start() for match in re.finditer("\n", text)]
    lines: dict[tuple[str, str], int] = {}
    for section in re.finditer(rf'"({names})"\s*:\s*\{{([^{{}}]*)\}}', text):
        for key in _KEY.finditer(text, section.start(2), section.end(2)):
            lines.setdefault((section[1], key[1]), bisect_right(ends, key.start()) + 1)
    return lines
