"""Definitions in Go: exported types and functions; a type's methods stand beside it in its file."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from ast_grep_py import SgNode

from extractor.components.definition import Definition
from extractor.components.tree import Top, Tree, lines_spanned, text_of

_Kind = Literal["class", "function", "interface"]
_KINDS: dict[str, _Kind] = {"struct_type": "class", "interface_type": "interface"}


def definitions(text: str) -> Iterator[Definition]:
    """The exported structs, interfaces and functions of a file."""
    tree = Tree(text, "go")
    tops = list(tree.tops())
    methods = _methods_by_type(tops)
    for top in tops:
        if top.node.kind() == "function_declaration":
            name = text_of(top.node.field("name"))
            if _is_exported(name):
                yield _definition(name, "function", (), top, tree)
        elif top.node.kind() == "type_declaration":
            for spec in top.node.named_children()[:1]:
                yield from _of_type(spec, top, tree, methods)


def _of_type(spec: SgNode, top: Top, tree: Tree, methods: Mapping[str, list[str]]) -> Iterator[Definition]:
    name, shape = text_of(spec.field("name")), spec.field("type")
    kind = _KINDS.get(shape.kind()) if shape else None
    if shape is None or kind is None or not _is_exported(name):
        return
    own = methods.get(name, []) if kind == "class" else list(_asked_for(shape))
    yield _definition(name, kind, own, top, tree)


def _definition(name: str, kind: _Kind, methods: Iterable[str], top: Top, tree: Tree) -> Definition:
    start, end = lines_spanned(top.node)
    return Definition(
        name=name,
        kind=kind,
        start=start,
        end=end,
        description=_documentation(top.comments),
        methods=tuple(methods),
        code=tree.code(start, end),
    )


def _methods_by_type(tops: Iterable[Top]) -> Mapping[str, list[str]]:
    methods: dict[str, list[str]] = defaultdict(list)
    for node in (top.node for top in tops if top.node.kind() == "method_declaration"):
        name, receiver = text_of(node.field("name")), text_of(node.field("receiver"))
        words = receiver.partition("[")[0].replace("*", " ").strip("() ").split()
        if words and _is_exported(name):
            methods[words[-1]].append(name)
    return methods


def _asked_for(interface: SgNode) -> Iterator[str]:
    for element in interface.named_children():
        name = text_of(element.field("name")) if element.kind() == "method_elem" else ""
        if _is_exported(name):
            yield name


def _documentation(comments: tuple[str, ...]) -> str:
    said = (comment.lstrip("/*").strip() for comment in comments if not comment.startswith("//go:"))
    return next((line.split("\n")[0].removesuffix("*/").strip() for line in said if line), "")


def _is_exported(name: str) -> bool:
    return name[:1].isupper()
