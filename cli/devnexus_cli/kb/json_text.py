"""Strict JSON that is read part by part and can say where in the text a value stands."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

from devnexus.values import canonical_json

MAX_DEPTH = 64
"""Ten times what a v2 file needs, and little enough for every reader after us."""

Path = tuple[str | int, ...]

_SPACE = re.compile(r"[ \t\n\r]*")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_TOKEN = re.compile(
    r'"(?P<text>[^"\\]*(?:\\.[^"\\]*)*)"(?P<colon>[ \t\n\r]*:)?'
    r"|(?P<open>[\[{])|(?P<close>[\]}])|(?P<number>-?(?:NaN|Infinity|[0-9][0-9.eE+-]*))"
)


class Wrong(Exception):
    """What is wrong with a file: at which value (path from the value being read), and what."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason


class BadJson(Exception):
    """The text is no strict JSON: at which character, and why."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason


class JsonText:
    """A JSON text with a place at which it is read next."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.start = self.offset = self._after_space(0)
        """Where the whole value stands."""

    def keys(self) -> Iterator[str]:
        """Each key of the object that stands here; read or skip its value before asking for the next.

        Raises BadJson where there is no object, and for a key that stands twice.
        """
        seen: set[str] = set()
        self._expect("{", "an object, which begins with {")
        if self._take("}"):
            return
        while True:
            start = self.offset
            if not self._text.startswith('"', start):
                raise BadJson(start, 'expected a key, which begins with "')
            key = self.value()
            if key in seen:
                raise BadJson(start, f"the key {key!r} stands twice")
            seen.add(key)
            self._expect(":", "a colon")
            yield key
            if self._take("}"):
                return
            self._expect(",", "a comma or the end of the object")

    def items(self) -> Iterator[int]:
        """Each index of the list that stands here; read or skip its value before asking for the next."""
        self._expect("[", "a list, which begins with [")
        if self._take("]"):
            return
        index = 0
        while True:
            yield index
            if self._take("]"):
                return
            self._expect(",", "a comma or the end of the list")
            index += 1

    def value(self) -> Any:  # noqa: ANN401 - JSON, typed by whoever asked
        """The value that stands here; afterwards we are behind it. BadJson where it cannot be read."""
        try:
            value, end = _load(self._text, self.offset)
        except json.JSONDecodeError as error:
            raise BadJson(error.pos, error.msg) from error
        except ValueError as error:
            raise BadJson(_first_unreadable(self._text, self.offset), str(error)) from error
        self.offset = self._after_space(end)
        return value

    def end(self) -> None:
        """Raise BadJson unless everything was read."""
        if self.offset != len(self._text):
            raise BadJson(self.offset, "there is more behind the end")

    def find(self, start: int, path: Path) -> int:
        """Where the value at `path` below that at `start` stands, or the last on the way that is there."""
        for step in path:
            self.offset = start
            children: Iterator[str | int] = iter(())
            if self._text.startswith("{", start):
                children = self.keys()
            elif self._text.startswith("[", start):
                children = self.items()
            for child in children:
                if child == step:
                    break
                self.value()
            else:
                return start
            start = self.offset
        return start

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of a character, both counted from 1."""
        return self._text.count("\n", 0, offset) + 1, offset - self._text.rfind("\n", 0, offset)

    def _expect(self, mark: str, what: str) -> None:
        if not self._take(mark):
            found = self._text[self.offset : self.offset + 1]
            raise BadJson(
                self.offset, f"expected {what}" + (f", not {found!r}" if found else ": the text ends here")
            )

    def _take(self, mark: str) -> bool:
        if not self._text.startswith(mark, self.offset):
            return False
        self.offset = self._after_space(self.offset + 1)
        return True

    def _after_space(self, offset: int) -> int:
        match = _SPACE.match(self._text, offset)
        return match.end() if match else offset


def _load(text: str, start: int) -> tuple[Any, int]:
    """The value at `start` and where it ends; ValueError for what strict JSON or we do not allow."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except RecursionError as error:
        raise ValueError(f"nested more than {MAX_DEPTH} deep") from error
    except StopIteration as error:  # pragma: no cover - raw_decode turns it into JSONDecodeError
        raise ValueError("the text ends here") from error
    _check_depth(value)
    if _SURROGATE.search(text, start, end):
        try:
            canonical_json(value)  # a pair is fine, half of one is no text that could be written again
        except UnicodeEncodeError as error:
            raise ValueError("half a surrogate pair is no text") from error
    return value, end


def _first_unreadable(text: str, start: int) -> int:
    """Where the first well-formed token stands that still cannot be read, in one pass over the text."""
    keys: list[set[str]] = []
    for token in _TOKEN.finditer(text, start):
        if token["open"]:
            if len(keys) == MAX_DEPTH:
                return token.start()
            keys.append(set())
        elif token["close"] and keys:
            keys.pop()
        elif token["number"] or (token["text"] and _SURROGATE.search(token["text"])):
            try:
                _load(text, token.start())
            except ValueError:
                return token.start()
        if token["colon"] and keys:
            key = json.loads(f'"{token["text"]}"', strict=False)
            if key in keys[-1]:
                return token.start()
            keys[-1].add(key)
    return start


def _check_depth(value: object) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for parent in level
            for child in (
                parent.values() if isinstance(parent, dict) else parent if isinstance(parent, list) else ()
            )
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    raise ValueError(f"nested more than {MAX_DEPTH} deep")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ValueError(f"the key {twice!r} stands twice")
    return content


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits} is too large a number")
    return number


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_distinct, parse_float=_finite, parse_constant=_refuse)
