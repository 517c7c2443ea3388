"""Definitions in Java: the public types at the top of a file."""

from collections.abc import Iterator
from typing import Literal

from ast_grep_py import SgNode

from extractor.components.definition import Definition
from extractor.components.tree import Tree, block_documentation, lines_spanned, text_of

_KINDS: dict[str, Literal["class", "interface"]] = {
    "class_declaration": "class",
    "record_declaration": "class",
    "enum_declaration": "class",
    "interface_declaration": "interface",
}


def definitions(text: str) -> Iterator[Definition]:
    """The public classes, records, enumerations and interfaces of a file."""
    tree = Tree(text, "java")
    for top in tree.tops():
        kind = _KINDS.get(top.node.kind())
        if kind and _is_public(top.node):
            start, end = lines_spanned(top.node)
            yield Definition(
                name=text_of(top.node.field("name")),
                kind=kind,
                start=start,
                end=end,
                description=block_documentation(top.comments),
                methods=tuple(_methods(top.node, always_public=kind == "interface")),
                code=tree.code(start, end),
            )


def _methods(node: SgNode, *, always_public: bool) -> Iterator[str]:
    body = node.field("body")
    members = body.named_children() if body else []
    for member in members:
        members += member.named_children() if member.kind() == "enum_body_declarations" else []
        if member.kind() == "method_declaration" and (always_public or _is_public(member)):
            yield text_of(member.field("name"))


def _is_public(node: SgNode) -> bool:
    modifiers = next((part for part in node.named_children()[:1] if part.kind() == "modifiers"), None)
    return modifiers is not None and any(part.kind() == "public" for part in modifiers.children())
