"""XML from strangers as a small tree with lines; what could make it grow while it is parsed is refused."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

_MOST_DEPTH = 50


@dataclass
class Node:
    """One element, by its local name."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list["Node"] = field(default_factory=list)
    text: str = ""

    def child(self, name: str) -> "Node | None":
        """The first child of that name."""
        return next((child for child in self.children if child.name == name), None)

    def said(self, name: str) -> str:
        """The text of the first child of that name, without white space around it; empty if there is none."""
        child = self.child(name)
        return child.text.strip() if child else ""

    def under(self, *names: str) -> Iterator["Node"]:
        """The elements that this path of names leads to, in their order."""
        if not names:
            yield self
            return
        for child in self.children:
            if child.name == names[0]:
                yield from child.under(*names[1:])

    def all(self) -> Iterator["Node"]:
        """This element and all below it, in their order."""
        yield self
        for child in self.children:
            yield from child.all()


def parse_xml(text: str) -> Node:
    """The root element; raises ValueError if the text is malformed, declares a DTD, or is nested absurdly."""
    parser = expat.ParserCreate("utf-8")  # whatever the text says of itself: it is decoded already
    document = Node("", {}, 0)
    stack = [document]
    texts: list[list[str]] = [[]]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > _MOST_DEPTH:
            raise ValueError("XML is nested too deeply")
        node = Node(name.rpartition(":")[2], attributes, parser.CurrentLineNumber)
        stack[-1].children.append(node)
        stack.append(node)
        texts.append([])

    def end(_: str) -> None:
        stack.pop().text = "".join(texts.pop())

    def data(piece: str) -> None:
        texts[-1].append(piece)

    def refuse(*_: object) -> None:
        raise ValueError("XML with a DTD is not read")

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = data, refuse
    try:
        parser.Parse(text.removeprefix("\ufeff").encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise ValueError(f"not XML: {error}") from error
    return document.children[0]
