"""The door to RE2, whose matching time is linear in the text whatever the pattern and the text are."""

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

import re2  # type: ignore[import-untyped]

T = TypeVar("T")


class Regex:
    """A compiled pattern in which `^` and `$` stand for the ends of lines."""

    def __init__(self, pattern: str) -> None:
        self.source = f"(?m){pattern}"
        self._compiled = re2.compile(self.source, _options())

    def found_in(self, text: str) -> bool:
        """Whether the pattern matches anywhere in `text`."""
        return self._compiled.search(text.encode("utf-8", "replace")) is not None

    def spans(self, text: bytes) -> Iterator[tuple[int, int]]:
        """Start and end, in bytes, of each match in `text` without the white space around it."""
        for match in self._compiled.finditer(text):
            found = match.group()
            start = match.start() + len(found) - len(found.lstrip())
            if found.strip():
                yield start, start + len(found.strip())

    def groups(self, text: bytes) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """Like `spans`, with the text of each group; a group that took no part gives an empty text."""
        for match in self._compiled.finditer(text):
            groups = tuple(group.decode("utf-8") if group else "" for group in match.groups())
            yield match.start(), match.end(), groups


class RegexTable(Generic[T]):
    """Many patterns, each with what it stands for, looked for in one pass: a text is read once for all."""

    def __init__(self, entries: Iterable[tuple[Regex, T]]) -> None:
        self._entries = tuple(entries)
        self._set = re2.Set.SearchSet(_options())
        for pattern in ("", *(regex.source for regex, _ in self._entries)):
            self._set.Add(pattern)
        self._set.Compile()

    def found_in(self, text: bytes) -> Iterator[T]:
        """What those patterns stand for that match anywhere in `text`, in the order of the table."""
        found = self._set.Match(text) or ()
        if 0 in found:
            return (self._entries[index - 1][1] for index in sorted(found)[1:])
        # not even the empty pattern, which matches always: RE2 ran out of memory, and says nothing of any
        return (meaning for regex, meaning in self._entries if next(regex.spans(text), None))


def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    return options


def compile_regex(pattern: str) -> Regex:
    """`pattern` in RE2's syntax, compiled; raises ValueError with RE2's reason."""
    try:
        return Regex(pattern)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        raise ValueError(reason.decode() if isinstance(reason, bytes) else str(reason)) from error
