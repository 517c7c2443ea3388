"""Code without its comments, and without its texts, on the same lines: neither says what the code does.

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

_DOUBLE_OF_LINES = r'"[^"\\]*(?:\\[\s\S][^"\\]*)*(?:"|\\?\Z)'
_SINGLE_OF_LINES = r"'[^'\\]*(?:\\[\s\S][^'\\]*)*(?:'|\\?\Z)"
_CHARACTER = r"'(?:[^'\\\n]|\\[^\n]{1,9}?)'"
_CPP_RAW = r'\bR"(?P<cpp>[^()\\\s"]{0,16})\([\s\S]*?(?:\)(?P=cpp)"|\Z)'
_RUST_RAW = r'\bb?r(?P<rust>#{0,9})"[\s\S]*?(?:"(?P=rust)|\Z)'
_VERBATIM = r'@\$?"[^"]*(?:""[^"]*)*(?:"|\Z)'
_RUBY_HEREDOC = (
    r"<<[~-]?[\"'`]?(?P<ruby>[A-Z_][A-Z0-9_]{0,60})\b[^\n]*(?:\n[\s\S]*?(?:^[ \t]*(?P=ruby)\b|\Z))?"
)
_PHP_HEREDOC = r"<<<[ \t]?[\"']?(?P<php>[A-Za-z_]\w{0,60})\b[^\n]*(?:\n[\s\S]*?(?:^[ \t]*(?P=php)\b|\Z))?"
_OUTSIDE_PHP = r"\A(?!<\?)[\s\S]+?(?:<\?|\Z)|\?>[\s\S]*?(?:<\?|\Z)"
_RUBY_BLOCK = r"^=begin\b[\s\S]*?(?:^=end\b[^\n]*|\Z)|^__END__$[\s\S]*"
_SCRIPT_REGEX = (
    r"[=(,:\[!&|?{;][ \t]*/(?![/*])[^/\\\n\[]*"
    r"(?:(?:\\[^\n]|\[[^\]\\\n]*(?:\\[^\n][^\]\\\n]*)*\]?)[^/\\\n\[]*)*/?"
)
_BETWEEN_TAGS = r"[>}][^<>{}]*</|(?<![=-])>[^<>{}()=;:]*(?:<(?=[a-zA-Z])|\{)"


def _scanner(*tokens: str) -> re.Pattern[str]:
    return re.compile("|".join(tokens), re.MULTILINE)


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

_TEXTS_AND_COMMENTS = {
    **dict.fromkeys(("Python", "Cython"), _PYTHON),
    **dict.fromkeys(("C", "C++"), _scanner(_CPP_RAW, _DOUBLE, _SINGLE, _SLASHES)),
    **dict.fromkeys(("Java", "Groovy", "Dart"), _TEXT_BLOCKS),
    **dict.fromkeys(("Kotlin", "Scala", "Swift"), _scanner(_TRIPLE, _DOUBLE, _CHARACTER, _SLASHES)),
    **dict.fromkeys(
        ("JavaScript", "TypeScript"),
        _scanner(_DOUBLE, _SINGLE, _TEMPLATE, _SLASHES, _SCRIPT_REGEX, _BETWEEN_TAGS),
    ),
    "C#": _scanner(_VERBATIM, _TRIPLE, _DOUBLE, _SINGLE, _SLASHES),
    "Elixir": _scanner(_TRIPLE, _DOUBLE_OF_LINES, _HASH),
    "Go": _GO,
    "PHP": _scanner(
        _OUTSIDE_PHP, _PHP_HEREDOC, _DOUBLE_OF_LINES, _SINGLE_OF_LINES, _SLASHES, r"#(?!\[)[^\n]*"
    ),
    "Ruby": _scanner(_RUBY_BLOCK, _RUBY_HEREDOC, _DOUBLE_OF_LINES, _SINGLE_OF_LINES, _HASH),
    "Rust": _scanner(_RUST_RAW, _DOUBLE_OF_LINES, _CHARACTER, _SLASHES),
    "SQL": _scanner(_DOUBLE_OF_LINES, _SINGLE_OF_LINES, _DASHES, _HASH),
}
"""Stricter than what rules read by: a text that passed for code here would prove what it says."""


def code_alone(path: str, text: str) -> str | None:
    """`text` with comments and texts blanked, on as many lines; None in a language not known so well."""
    scanner = _TEXTS_AND_COMMENTS.get(language_of(path) or "")
    return scanner.sub(lambda token: _blank(token.group()), text) if scanner else None


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
