"""Path patterns as rules and roles write them."""

from collections.abc import Iterable

from extractor.regex import Regex, compile_regex


class Globs:
    """A set of globs over whole paths: `*` and `?` stay within a folder, `**/` spans any number of them.

    `[0-9]` and `{a,b}` mean what they mean in a shell. Matching takes linear time.
    """

    def __init__(self, globs: Iterable[str]) -> None:
        """Raises ValueError, naming the glob, if one cannot be compiled."""
        self._regexes = tuple(_compiled(glob) for glob in globs)

    def match(self, path: str) -> bool:
        """Whether one of the globs matches the whole of `path`."""
        return any(regex.found_in(path) for regex in self._regexes)


def _compiled(glob: str) -> Regex:
    if not glob or glob.startswith("/"):
        raise ValueError(f"glob {glob!r} must be a path within the repository")
    try:
        return compile_regex(rf"\A{_translated(glob)}\z")
    except ValueError as error:
        raise ValueError(f"glob {glob!r}: {error}") from error


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
