"""Definitions in Python, by its own grammar."""

import ast
from collections.abc import Iterator, Sequence

from extractor.components.definition import Definition
from extractor.evidence import lines_of

_LARGEST_TEXT = 300_000
"""Characters: parsing takes a hundred times the memory of the text."""

_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def definitions(text: str) -> Iterator[Definition]:
    """The public classes and functions at the top of a module; none where it cannot be parsed."""
    if len(text) > _LARGEST_TEXT:
        return
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    lines = lines_of(text)
    for node in module.body:
        if isinstance(node, _Definition) and not node.name.startswith("_"):
            yield _definition(node, lines)


def _definition(node: _Definition, lines: Sequence[str]) -> Definition:
    start, end = _first_line(node), node.end_lineno or node.lineno
    # an escape can name half a character
    said = (ast.get_docstring(node) or "").encode("utf-8", "replace").decode()
    documentation = said.strip().splitlines()
    return Definition(
        name=node.name,
        kind="class" if isinstance(node, ast.ClassDef) else "function",
        start=start,
        end=end,
        description=documentation[0] if documentation else "",
        methods=tuple(_public_methods(node)),
        code=tuple(_code(node, lines, start, end)),
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
