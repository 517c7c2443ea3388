"""The pieces of words that BERT models without capitals were taught, such as `back` and `##off`."""

import unicodedata
from collections.abc import Iterator, Mapping
from itertools import groupby

START = "[CLS]"
END = "[SEP]"
_UNKNOWN = "[UNK]"
_LONGEST_WORD = 100

_SAY_NOTHING = {"Cc", "Cf", "Co", "Cs"}

_IDEOGRAPHS = (
    range(0x3400, 0x4DC0),
    range(0x4E00, 0xA000),
    range(0xF900, 0xFB00),
    range(0x20000, 0x2A6E0),
    range(0x2A700, 0x2CEB0),
    range(0x2F800, 0x2FA20),
)
"""Characters that are words by themselves."""


def pieces(text: str, known: Mapping[str, int]) -> Iterator[int]:
    """The numbers of the pieces that `text` is made of, START and END not among them."""
    for word in _words(text):
        yield from _pieces_of(word, known)


def _words(text: str) -> Iterator[str]:
    plain = "".join(filter(None, map(_plain, text)))
    bare = "".join(c for c in unicodedata.normalize("NFD", plain) if unicodedata.category(c) != "Mn")
    for run in bare.lower().split():
        for stands_alone, characters in groupby(run, _stands_alone):
            together = "".join(characters)
            yield from together if stands_alone else [together]


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if character in "\t\n\r" or category[0] == "Z":
        return " "
    return "" if character == "\ufffd" or category in _SAY_NOTHING else character


def _stands_alone(character: str) -> bool:
    if character.isascii():
        return not character.isalnum()
    code = ord(character)
    return unicodedata.category(character)[0] == "P" or any(code in some for some in _IDEOGRAPHS)


def _pieces_of(word: str, known: Mapping[str, int]) -> list[int]:
    """The longest known piece from the left, and so on; one unknown piece where that leaves a rest."""
    found: list[int] = []
    start = 0
    while start < len(word) <= _LONGEST_WORD:
        ends = range(len(word), start, -1)
        candidates = (("##" if start else "") + word[start:end] for end in ends)
        piece = next((piece for piece in candidates if piece in known), None)
        if piece is None:
            return [known[_UNKNOWN]]
        found.append(known[piece])
        start += len(piece) - (2 if start else 0)
    return found or [known[_UNKNOWN]]
