"""Path patterns as rules and roles write them."""

from collections.abc import Iterable

from extractor.regex import compile_regex


class Globs:
    """A set of globs over whole paths: `*` and `?` stay within a folder, `**/` spans any number of them.

    `[0-9]` and `{a,b}` mean what they mean in a shell. Matching takes linear time.
    """

    def __init__(self, globs: Iterable[str]) -> None:
        """Raises ValueError, naming the glob, if one cannot be compiled."""
        checked = [_checked(glob) for glob in globs]
        self._regex = compile_regex(rf"\A(?:{'|'.join(checked)})\z") if checked else None

    def match(self, path: str) -> bool:
        """Whether one of the globs matches the whole of `path`."""
        return self._regex is not None and self._regex.found_in(path)


def _checked(glob: str) -> str:
    """`glob` as a regular expression that can be compiled alone, and so with others."""
    if not glob or glob.startswith("/"):
        raise ValueError(f"glob {glob!r} must be a path within the repository")
    translated = _translated(glob)
    try:
        compile_regex(translated)
    except ValueError as error:
        raise ValueError(f"glob {glob!r}: {error}") from error
    return translated


_TOKENS = {"{": "(?:", "}": ")", "?": "[^/]", "*": "[^/]*", "[": "[", "]": "]"}


def _translated(glob: str) -> str:
    translated, depth, position = "", 0, 0
    while position < len(glob):
        if glob.startswith("**/", position):
            translated, position = translated + "(?:.*/)?", position + 3
        elif glob.startswith("**", position):
            translated, position = translated + ".*", position + 2
        else:
            character = glob[position]
            depth += (character == "{") - (character == "}")
            translated += "|" if character == "," and depth else _TOKENS.get(character, _literal(character))
            position += 1
    return translated


def _literal(character: str) -> str:
    return character if character.isalnum() or character in "_-/ " else f"\\{character}"
