"""The door to ast-grep's grammars: a text as a tree, and what stands before and around a node."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ast_grep_py import SgNode, SgRoot

from extractor.comments import without_comments
from extractor.evidence import lines_of

Grammar = Literal["go", "java", "tsx", "typescript"]
"""Only these: at the name of a grammar that it does not know ast-grep panics."""

_EXAMPLE = {"go": "x.go", "java": "x.java", "tsx": "x.tsx", "typescript": "x.ts"}
_LARGEST_TEXT = 60_000
_LONGEST_LINE = 2000
_MOST_ANGLES = 3000
"""Of `<`: for Java, memory grows with the square of those that nest without being closed."""
_COMMENTS = frozenset({"comment", "line_comment", "block_comment"})


@dataclass(frozen=True)
class Top:
    """A node at the top of a file with the comments that stand directly before it."""

    node: SgNode
    comments: tuple[str, ...]


class Tree:
    """A file of source, parsed; empty where it is too large or too dense for a person to have written it."""

    def __init__(self, text: str, grammar: Grammar) -> None:
        lines = lines_of(text)
        readable = (
            len(text) <= _LARGEST_TEXT
            and text.count("<") <= _MOST_ANGLES
            and all(len(line) <= _LONGEST_LINE for line in lines)
        )
        self._text = text.encode("utf-8", "replace").decode("utf-8") if readable else ""
        self._grammar = grammar
        self._root = SgRoot(self._text, grammar).root()

    @cached_property
    def _code(self) -> list[str]:
        return lines_of(without_comments(_EXAMPLE[self._grammar], self._text))

    def tops(self) -> Iterator[Top]:
        """What stands at the top of the file, in its order."""
        comments: list[SgNode] = []
        for node in self._root.children():
            if node.kind() in _COMMENTS:
                comments.append(node)
                continue
            yield Top(node, _directly_before(node, comments))
            comments = []

    def code(self, start: int, end: int) -> tuple[str, ...]:
        """Lines `start` to `end`, 1-based, without comments and blank lines."""
        return tuple(line for line in self._code[start - 1 : end] if line.strip())


def lines_spanned(node: SgNode) -> tuple[int, int]:
    """The first and the last line of a node, 1-based."""
    span = node.range()
    return span.start.line + 1, span.end.line + 1


def text_of(node: SgNode | None) -> str:
    """The text of a node, empty for none."""
    return node.text() if node else ""


def block_documentation(comments: tuple[str, ...]) -> str:
    """The first line that the last `/** … */` before a node says."""
    last = comments[-1] if comments else ""
    if not last.startswith("/**"):
        return ""
    said = (line.strip().lstrip("*").strip() for line in last[3:].removesuffix("*/").split("\n"))
    return next((line for line in said if line and not line.startswith("@")), "")


def _directly_before(node: SgNode, comments: list[SgNode]) -> tuple[str, ...]:
    """The comments that no blank line divides from the node or from each other."""
    attached: list[str] = []
    following = node.range().start.line
    for comment in reversed(comments):
        if comment.range().end.line < following - 1:
            break
        following = comment.range().start.line
        attached.insert(0, comment.text())
    return tuple(attached)
