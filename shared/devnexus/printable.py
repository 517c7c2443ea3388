"""Text from strangers, safe to print: names and paths come from repositories that anybody may write to."""

import unicodedata

_OBEYED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories of control and formatting characters (also bidirectional ones) and of line ends."""


def printable(text: str) -> str:
    r"""`text` in one line with each character that would be obeyed instead of shown written as `\u001b`."""
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _OBEYED:
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
