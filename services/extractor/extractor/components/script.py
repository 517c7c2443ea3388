"""Definitions in JavaScript and TypeScript: what a module exports where it declares it."""

from collections.abc import Iterator
from typing import Literal

from ast_grep_py import SgNode

from extractor.components.definition import Definition
from extractor.components.tree import Top, Tree, block_documentation, lines_spanned, text_of

_KINDS: dict[str, Literal["class", "function", "interface"]] = {
    "class_declaration": "class",
    "abstract_class_declaration": "class",
    "class": "class",
    "function_declaration": "function",
    "generator_function_declaration": "function",
    "function_expression": "function",
    "arrow_function": "function",
    "interface_declaration": "interface",
}
_METHODS = frozenset({"method_definition", "method_signature", "abstract_method_signature"})
_HIDDEN = frozenset({"private", "protected"})
_NAMES = frozenset({"property_identifier"})


def definitions(text: str) -> Iterator[Definition]:
    """The exported classes, functions and interfaces of a module."""
    tree = Tree(text, "tsx")
    for top in tree.tops():
        for name, node in _exported(top.node):
            yield _definition(name, node, top, tree)


def _exported(node: SgNode) -> Iterator[tuple[str, SgNode]]:
    """Names and definitions in `export …`; `export { a }` names what is declared elsewhere."""
    declared = node.field("declaration") if node.kind() == "export_statement" else None
    if declared is None:
        return
    if declared.kind() == "lexical_declaration":
        for one in declared.named_children():
            value = one.field("value") if one.kind() == "variable_declarator" else None
            if value and value.kind() in _KINDS:
                yield text_of(one.field("name")), value
    elif declared.kind() in _KINDS and (name := text_of(declared.field("name"))):
        yield name, declared


def _definition(name: str, node: SgNode, top: Top, tree: Tree) -> Definition:
    start, end = lines_spanned(top.node)
    return Definition(
        name=name,
        kind=_KINDS[node.kind()],
        start=start,
        end=end,
        description=block_documentation(top.comments),
        methods=tuple(_methods(node)),
        code=tree.code(start, end),
    )


def _methods(node: SgNode) -> Iterator[str]:
    body = node.field("body") if _KINDS[node.kind()] != "function" else None
    for member in body.named_children() if body else ():
        if member.kind() in _METHODS and not _is_hidden(member):
            name = member.field("name")
            if name and name.kind() in _NAMES and not name.text().startswith("_"):
                if name.text() != "constructor":
                    yield name.text()


def _is_hidden(member: SgNode) -> bool:
    return any(
        part.kind() == "accessibility_modifier" and part.text() in _HIDDEN for part in member.named_children()
    )
