"""Components worth reuse: documented classes and functions that a file offers to others.

Python so far, by its own grammar. A sketch of the lines goes with each, so that the same component is
recognised in another repository, also when one of the two has changed since.
"""

import ast
import hashlib
from collections.abc import Iterator, Sequence

from devnexus.events.patterns_extracted import SHINGLE_LINES, SKETCH_SIZE, Component
from extractor.evidence import lines_of

FEWEST_LINES = 10
_MOST_PER_FILE = 50
_MOST_METHODS = 30
_LARGEST_TEXT = 300_000
"""Characters: parsing takes a hundred times the memory of the text."""


_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def components_of(text: str, language: str | None) -> tuple[Component, ...]:
    """The components in a file of source, in order of line; none where it cannot be parsed."""
    text = text.removeprefix("\ufeff")
    if language != "Python" or len(text) > _LARGEST_TEXT or "\r" in text.replace("\r\n", ""):
        return ()  # at a lone carriage return Python ends a line and git does not
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    offered = [node for node in module.body if isinstance(node, _Definition) and _is_offered(node)]
    if not offered:
        return ()
    lines = lines_of(text)
    largest = sorted(offered, key=lambda node: node.lineno - (node.end_lineno or 0))[:_MOST_PER_FILE]
    return tuple(_component(node, lines) for node in sorted(largest, key=_first_line))


def sketch_of(lines: Sequence[str]) -> tuple[str, ...]:
    """The smallest hashes of all runs of three lines (Broder's bottom-k sketch), in ascending order."""
    shingles = {
        hashlib.sha256("\n".join(lines[at : at + SHINGLE_LINES]).encode("utf-8", "replace")).hexdigest()[:8]
        for at in range(len(lines) - SHINGLE_LINES + 1)
    }
    return tuple(sorted(shingles)[:SKETCH_SIZE])


def _is_offered(node: _Definition) -> bool:
    if node.name.startswith("_") or (node.end_lineno or 0) - _first_line(node) + 1 < FEWEST_LINES:
        return False
    return bool(ast.get_docstring(node)) or any(_public_methods(node))


def _component(node: _Definition, lines: Sequence[str]) -> Component:
    start, end = _first_line(node), node.end_lineno or node.lineno
    body = [line.rstrip() for line in _code(node, lines, start, end)]
    documentation = (ast.get_docstring(node) or "").strip().splitlines()
    return Component(
        name=node.name[:200],
        kind="class" if isinstance(node, ast.ClassDef) else "function",
        start=start,
        end=end,
        description=documentation[0][:200] if documentation else "",
        public_methods=tuple(name[:200] for name in _public_methods(node))[:_MOST_METHODS],
        digest=hashlib.sha256("\n".join(body).encode("utf-8", "replace")).hexdigest()[:16],
        sketch=sketch_of([line.strip() for line in body]),
    )


def _code(node: _Definition, lines: Sequence[str], start: int, end: int) -> Iterator[str]:
    """The lines that do something: its own documentation, comments and blank lines are left out."""
    first, documentation = node.body[0], range(0)
    if ast.get_docstring(node) is not None:
        documentation = range(first.lineno, (first.end_lineno or first.lineno) + 1)
    for number in range(start, end + 1):
        line = lines[number - 1].strip()
        if line and not line.startswith("#") and number not in documentation:
            yield lines[number - 1]


def _first_line(node: _Definition) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _public_methods(node: _Definition) -> Iterator[str]:
    for inner in node.body if isinstance(node, ast.ClassDef) else ():
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and not inner.name.startswith("_"):
            yield inner.name
