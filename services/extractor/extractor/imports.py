"""Which modules a file imports, on which lines, in the languages that `SYSTEMS` lists."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from extractor.regex import Regex, compile_regex

SYSTEMS = {
    "Python": "python",
    "JavaScript": "node",
    "TypeScript": "node",
    "Vue": "node",
    "Svelte": "node",
    "Go": "go",
    "Java": "jvm",
    "Kotlin": "jvm",
    "Scala": "jvm",
    "Groovy": "jvm",
    "C#": "dotnet",
    "Rust": "rust",
    "Ruby": "ruby",
    "PHP": "php",
}
"""Languages that find modules by the same names."""

_PYTHON_IMPORT = compile_regex(r"^[ \t]*import[ \t]+([A-Za-z_][\w., \t]*)")
_PYTHON_FROM = compile_regex(
    r"^[ \t]*from[ \t]+([A-Za-z_][\w.]*)[ \t]+import[ \t]*(?:\(([^()]{0,1000})\)|([^\n(]*))"
)
_NODE = compile_regex(
    r"\bfrom[ \t]*[\"']([^\"'\n]+)[\"']|^[ \t]*import[ \t]*[\"']([^\"'\n]+)[\"']"
    r"|\b(?:require|import)\([ \t]*[\"']([^\"'\n]+)[\"'][ \t]*\)"
)
_GO_STATEMENT = compile_regex(r"^import\s*(?:\(([^()]*)\)|(?:[\w.]+[ \t]+)?\"[^\"\n]+\")")
_GO_VERSION = re.compile(r"/v[0-9]+(?=/|$)")
_GO_PATH = compile_regex(r"\"([^\"\n]+)\"")
_JVM = compile_regex(r"^[ \t]*import[ \t]+(?:static[ \t]+)?([\w.]+)")
_DOTNET = compile_regex(
    r"^[ \t]*(?:global[ \t]+)?using[ \t]+(?:static[ \t]+)?(?:\w+[ \t]*=[ \t]*)?([A-Za-z_][\w.]*)[ \t]*;"
)
_RUST = compile_regex(r"^[ \t]*(?:pub[ \t]+)?use[ \t]+(?:::)?([A-Za-z_]\w*(?:::[A-Za-z_]\w*)*)")
_RUBY = compile_regex(r"^[ \t]*require[ \t]*\(?[ \t]*[\"']([^\"'\n]+)[\"']")
_PHP = compile_regex(r"^[ \t]*use[ \t]+(?:function[ \t]+|const[ \t]+)?\\?([A-Za-z_][\w\\]*)")
_SEPARATORS = {"node": "/", "go": "/", "ruby": "/", "rust": "::", "php": "\\"}


@dataclass(frozen=True)
class Import:
    """A module and the bytes of the text in which it is imported."""

    module: str
    start: int
    end: int


def imports_of(system: str, code: bytes) -> Iterator[Import]:
    """Every import in `code`, which has no comments left; `from a import b` gives `a` and `a.b`."""
    return _READERS[system](code)


def prefixes(system: str, module: str) -> list[str]:
    """The module itself and every package that it lies in."""
    separator = _SEPARATORS.get(system, ".")
    parts = module.split(separator)
    return [separator.join(parts[:size]) for size in range(len(parts), 0, -1)]


def without_versions(system: str, module: str) -> str:
    """`module` without the `/v2` that Go puts into the paths of packages."""
    return _GO_VERSION.sub("", module) if system == "go" else module


def _python(code: bytes) -> Iterator[Import]:
    for start, end, (listed,) in _PYTHON_IMPORT.groups(code):
        for name in listed.split(","):
            yield Import((name.split() or [""])[0], start, end)
    for start, end, (package, in_parentheses, on_line) in _PYTHON_FROM.groups(code):
        yield Import(package, start, end)
        for name in (in_parentheses or on_line).split(","):
            if words := name.split():
                yield Import(f"{package}.{words[0]}", start, end)


def _node(code: bytes) -> Iterator[Import]:
    for start, end, groups in _NODE.groups(code):
        module = "".join(groups)
        if not module.startswith("."):
            yield Import(module, start, end)


def _go(code: bytes) -> Iterator[Import]:
    for start, end, _ in _GO_STATEMENT.groups(code):
        for path_start, path_end, (path,) in _GO_PATH.groups(code[start:end]):
            yield Import(path, start + path_start, start + path_end)


def _named_by(statement: Regex) -> Callable[[bytes], Iterator[Import]]:
    def read(code: bytes) -> Iterator[Import]:
        for start, end, (name,) in statement.groups(code):
            yield Import(name, start, end)

    return read


_READERS = {
    "python": _python,
    "node": _node,
    "go": _go,
    "jvm": _named_by(_JVM),
    "dotnet": _named_by(_DOTNET),
    "rust": _named_by(_RUST),
    "ruby": _named_by(_RUBY),
    "php": _named_by(_PHP),
}
