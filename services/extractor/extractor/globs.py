"""Path patterns as rules and roles write them."""

from collections.abc import Iterable

from extractor.regex import Regex, compile_regex


def compile_globs(globs: Iterable[str]) -> Regex:
    """What is found in a path that one of `globs` matches as a whole; raises ValueError that names the glob.

    `*` and `?` stay within a folder, `**/` spans any number of them, `[0-9]` and `{a,b}` mean what they
    mean in a shell.
    """
    return compile_regex(rf"\A(?:{'|'.join(_checked(glob) for glob in globs)})\z")


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
