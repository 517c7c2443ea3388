"""Code without its comments, on the same lines: what a comment says is not what the code does.

A scanner per comment style, not a parser: it knows strings only so that a `//` in a URL is none. What
it gets wrong: a comment opener inside a JavaScript regular expression, and a YAML comment after an
apostrophe. Every alternative below matches from its first character on, so scanning takes linear time.
"""

import re

from extractor.languages import language_of

_DOUBLE = r'"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*"?'
_SINGLE = r"'[^'\\\n]*(?:\\[^\n][^'\\\n]*)*'?"
_TRIPLE = (
    r'"""[^"\\]*(?:(?:\\[\s\S]|"(?!""))[^"\\]*)*(?:"""|\\?\Z)'
    r"|'''[^'\\]*(?:(?:\\[\s\S]|'(?!''))[^'\\]*)*(?:'''|\\?\Z)"
)
_TEMPLATE = r"`[^`\\]*(?:\\[\s\S][^`\\]*)*(?:`|\\?\Z)"
_RAW = r"`[^`]*(?:`|\Z)"
_HASH = r"#[^\n]*"
_HASH_AFTER_SPACE = r"#(?<!\S#)[^\n]*"
_SLASHES = r"//[^\n]*|/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/|\Z)"
_DASHES = r"--[^\n]*|/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/|\Z)"


def _scanner(*tokens: str) -> re.Pattern[str]:
    return re.compile("|".join(tokens))


_PYTHON = _scanner(_TRIPLE, _DOUBLE, _SINGLE, _HASH)
_C_LIKE = _scanner(_DOUBLE, _SINGLE, _SLASHES)
_DOUBLE_QUOTED_C = _scanner(_DOUBLE, _SLASHES)
_TEXT_BLOCKS = _scanner(_TRIPLE, _DOUBLE, _SINGLE, _SLASHES)
_SCRIPT = _scanner(_DOUBLE, _SINGLE, _TEMPLATE, _SLASHES)
_GO = _scanner(_DOUBLE, _SINGLE, _RAW, _SLASHES)
_PHP = _scanner(_DOUBLE, _SINGLE, _SLASHES, r"#(?!\[)[^\n]*")
_HASH_STYLE = _scanner(_DOUBLE, _SINGLE, _HASH_AFTER_SPACE)
_HCL = _scanner(_DOUBLE, _HASH, _SLASHES)
_SQL = _scanner(_SINGLE, _DASHES)

_BY_LANGUAGE = {
    **dict.fromkeys(("Python", "Cython"), _PYTHON),
    **dict.fromkeys(("C", "C++", "C#", "Dart", "F#", "Groovy"), _C_LIKE),
    **dict.fromkeys(("Rust", "Zig"), _DOUBLE_QUOTED_C),
    **dict.fromkeys(("Java", "Kotlin", "Scala", "Swift"), _TEXT_BLOCKS),
    **dict.fromkeys(("JavaScript", "TypeScript", "Vue", "Svelte"), _SCRIPT),
    **dict.fromkeys(("Shell", "Ruby", "Perl", "R", "Julia", "Elixir", "PowerShell", "Makefile"), _HASH_STYLE),
    "Dockerfile": _HASH_STYLE,
    "Go": _GO,
    "HCL": _HCL,
    "PHP": _PHP,
    "SQL": _SQL,
}
_BY_EXTENSION = {
    **dict.fromkeys("yaml yml toml ini cfg conf properties env graphql graphqls gql".split(), _HASH_STYLE),
    **dict.fromkeys("example sample template txt in tpl".split(), _HASH_STYLE),
    **dict.fromkeys("proto prisma thrift jsonc json5 cue mod".split(), _DOUBLE_QUOTED_C),
}


def without_comments(path: str, text: str) -> str:
    """`text` with comments and Python's triple-quoted strings blanked; as many lines as before.

    A text in a language whose comments are not known comes back as it is.
    """
    language = language_of(path)
    scanner = _BY_LANGUAGE.get(language) if language else _BY_EXTENSION.get(path.rpartition(".")[2].lower())
    if scanner is None:
        return text
    if scanner is _PYTHON:
        return scanner.sub(_blank_python, text)
    return scanner.sub(_blank_comment, text)


def _blank_comment(token: re.Match[str]) -> str:
    text = token.group()
    return _blank(text) if text.startswith(("#", "//", "/*", "--")) else text


def _blank_python(token: re.Match[str]) -> str:
    text = token.group()
    if text.startswith(('"""', "'''")):
        return '""' + _blank(text)
    return _blank(text) if text.startswith("#") else text


def _blank(text: str) -> str:
    return " " + "\n" * text.count("\n")
