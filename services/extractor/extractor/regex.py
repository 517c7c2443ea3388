"""The door to RE2, whose matching time is linear in the text whatever the pattern and the text are."""

from collections.abc import Iterator

import re2  # type: ignore[import-untyped]


class Regex:
    """A compiled pattern in which `^` and `$` stand for the ends of lines."""

    def __init__(self, pattern: str) -> None:
        options = re2.Options()
        options.log_errors = False
        self._compiled = re2.compile(f"(?m){pattern}", options)

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


def compile_regex(pattern: str) -> Regex:
    """`pattern` in RE2's syntax, compiled; raises ValueError with RE2's reason."""
    try:
        return Regex(pattern)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        raise ValueError(reason.decode() if isinstance(reason, bytes) else str(reason)) from error
