"""Definitions in JavaScript and TypeScript: what a module exports where it declares it."""

import re
from collections.abc import Iterator
from typing import Literal

from ast_grep_py import SgNode

from extractor.components.definition import Definition
from extractor.components.exported_names import names_exported
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
_OFFERED = re.compile(r"/\*\*|\b(?:class|interface)\s")
"""What is exported counts only if it is documented or may have methods."""


def definitions(text: str) -> Iterator[Definition]:
    """The exported classes, functions and interfaces of a module."""
    if "export" not in text or not _OFFERED.search(text):
        return  # parsing takes longer than all the rest
    tree = Tree(text, "tsx" if "</" in text or "/>" in text else "typescript")
    tops = list(tree.tops())
    names = {name for top in tops for name in names_exported(top.node)}
    for top in tops:
        exports = top.node.kind() == "export_statement"
        declared = top.node.field("declaration") if exports else top.node
        for name, node in _declared(declared):
            if exports or name in names:
                yield _definition(name, node, top, tree)


def _declared(node: SgNode | None) -> Iterator[tuple[str, SgNode]]:
    """Names and definitions in a declaration; a constant that holds a function is one."""
    if node is None:
        return
    if node.kind() == "lexical_declaration":
        for one in node.named_children():
            value = one.field("value") if one.kind() == "variable_declarator" else None
            if value and value.kind() in _KINDS:
                yield text_of(one.field("name")), value
    elif node.kind() in _KINDS and (name := text_of(node.field("name"))):
        yield name, node


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
            if name and name.kind() in _NAMES and _is_public(name.text()):
                yield name.text()


def _is_public(name: str) -> bool:
    return name != "constructor" and not name.startswith("_")


def _is_hidden(member: SgNode) -> bool:
    return any(
        part.kind() == "accessibility_modifier" and part.text() in _HIDDEN for part in member.named_children()
    )
