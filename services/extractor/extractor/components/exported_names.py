"""Names that a module of JavaScript exports apart from where it declares them."""

from collections.abc import Iterator

from ast_grep_py import SgNode

from extractor.components.tree import text_of

_EXPORTS = frozenset({"exports", "module.exports"})


def names_exported(node: SgNode) -> Iterator[str]:
    """The names in `export { a }`, `export default a`, `module.exports = { a }` and `exports.a = a`."""
    if node.kind() == "export_statement" and node.field("source") is None:
        yield from _name(node.field("value"))
        for clause in node.named_children():
            for one in clause.named_children() if clause.kind() == "export_clause" else ():
                yield text_of(one.field("name"))
    elif node.kind() == "expression_statement":
        for assignment in node.named_children():
            if assignment.kind() == "assignment_expression":
                yield from _assigned(assignment)


def _assigned(assignment: SgNode) -> Iterator[str]:
    left, right = assignment.field("left"), assignment.field("right")
    if left is None or right is None or left.kind() != "member_expression":
        return
    if left.text() not in _EXPORTS and text_of(left.field("object")) not in _EXPORTS:
        return
    yield from _name(right)
    for one in right.named_children() if right.kind() == "object" else ():
        if one.kind() == "shorthand_property_identifier":
            yield one.text()
        elif one.kind() == "pair":
            yield from _name(one.field("value"))


def _name(node: SgNode | None) -> Iterator[str]:
    if node and node.kind() == "identifier":
        yield node.text()
