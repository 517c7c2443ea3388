"""One file of documentation, read: its headings, links, code and text, each with its line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MOST_CHARACTERS = 200_000
"""Of a file. What is longer is hardly written by hand, and what is made to be slow takes seconds then."""

_LONGEST_HTML = 20_000
_MARKDOWN = (".md", ".markdown", ".mdx", ".mdown")
_RST_LINE = re.compile(r"([=\-~^\"'`#*+.:_])\1{2,}\s*")
_ADOC_HEADING = re.compile(r"={1,6} +(\S.*)")


@dataclass(frozen=True)
class Here:
    """Something that stands in a line of a document."""

    text: str
    line: int


@dataclass(frozen=True)
class Link(Here):
    """Where a link or an image leads, as written."""

    label: str = ""
    """What it says, or the other text of an image."""


@dataclass(frozen=True)
class Document:
    """What a document holds. Where it is no Markdown, only headings are told."""

    path: str
    text: str
    headings: Sequence[Here] = ()
    links: Sequence[Link] = ()
    code: Sequence[Here] = ()
    """What stands between backquotes in a line."""
    fences: Sequence[Here] = ()
    """The language that each fenced block names, or nothing."""


@dataclass
class _Found:
    headings: list[Here] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    code: list[Here] = field(default_factory=list)
    fences: list[Here] = field(default_factory=list)


def read_document(path: str, content: bytes) -> Document:
    """The document at `path`; what is no UTF-8 in it is replaced."""
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    if len(text) > MOST_CHARACTERS:
        raise ValueError("too long")
    if path.lower().endswith(_MARKDOWN):
        found = _markdown(text)
        return Document(path, text, found.headings, found.links, found.code, found.fences)
    return Document(path, text, [*_other_headings(path, text)])


@cache
def _parser() -> "MarkdownIt":
    # sixty modules, for two skills out of all
    from markdown_it import MarkdownIt  # noqa: PLC0415

    parser = MarkdownIt("commonmark").enable("table")
    # a link is told as it was written: nothing is opened here, so that nothing needs to be made safe
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    return parser


def _markdown(text: str) -> _Found:
    found = _Found()
    skipped, body = _without_front_matter(text)
    tokens = _parser().parse(body)
    for number, token in enumerate(tokens):
        line = skipped + (token.map[0] if token.map else 0) + 1
        if token.type == "heading_open":
            found.headings.append(Here(_plain(tokens[number + 1]), line))
        elif token.type == "fence":
            found.fences.append(Here(token.info.strip(), line))
        elif token.type == "html_block":
            _take_html(token.content, line, found)
        elif token.type == "inline":
            _take_inline(token.children or (), line, found)
    return found


def _without_front_matter(text: str) -> tuple[int, str]:
    """How many lines of YAML stand before the text, and the text."""
    if not text.startswith("---\n"):
        return 0, text
    end = text.find("\n---", 3)
    if end < 0:
        return 0, text
    body = text.find("\n", end + 1) + 1 or len(text)
    return text.count("\n", 0, body), text[body:]


def _plain(heading: "Token") -> str:
    return "".join(one.content for one in heading.children or () if one.type in {"text", "code_inline"})


def _take_inline(children: "Sequence[Token]", line: int, found: _Found) -> None:
    for number, one in enumerate(children):
        if one.type in {"softbreak", "hardbreak"}:
            line += 1
        elif one.type == "link_open":
            found.links.append(Link(str(one.attrs.get("href", "")), line, _label(children, number)))
        elif one.type == "image":
            found.links.append(Link(str(one.attrs.get("src", "")), line, one.content))
        elif one.type == "code_inline":
            found.code.append(Here(one.content, line))
        elif one.type == "html_inline":
            _take_html(one.content, line, found)


def _label(children: "Sequence[Token]", start: int) -> str:
    """What stands in the link that begins there."""
    end = next((at for at in range(start, len(children)) if children[at].type == "link_close"), start)
    return "".join(one.content for one in children[start:end])


def _take_html(content: str, line: int, found: _Found) -> None:
    if len(content) > _LONGEST_HTML:
        return
    tags = _Tags()
    tags.feed(content)
    found.links.extend(Link(url, line + down) for url, down in tags.links)
    found.headings.extend(Here(text, line + down) for text, down in tags.headings)


class _Tags(HTMLParser):
    """Where tags lead, and what stands in headings, with how many lines further down."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, int]] = []
        self.headings: list[tuple[str, int]] = []
        self._heading: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link, or the beginning of a heading."""
        if re.fullmatch("h[1-6]", tag):
            self._heading = []
        wanted = {"a": "href", "img": "src", "source": "srcset"}.get(tag)
        for name, value in attrs:
            if name == wanted and value:
                self.links.append((value.split(" ")[0], self.getpos()[0] - 1))

    def handle_data(self, data: str) -> None:
        """Note what stands in a heading."""
        if self._heading is not None:
            self._heading.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Note a heading."""
        if self._heading is not None and re.fullmatch("h[1-6]", tag):
            self.headings.append(("".join(self._heading).strip(), self.getpos()[0] - 1))
            self._heading = None


def _other_headings(path: str, text: str) -> Iterator[Here]:
    """The headings of reStructuredText and AsciiDoc."""
    lines = text.splitlines()
    if path.lower().endswith((".adoc", ".asciidoc")):
        for number, line in enumerate(lines, start=1):
            if found := _ADOC_HEADING.fullmatch(line[:500]):
                yield Here(found[1], number)
        return
    for number, (title, below) in enumerate(zip(lines, lines[1:], strict=False), start=1):
        if title.strip() and _RST_LINE.fullmatch(below[:500]) and len(below.rstrip()) >= len(title.rstrip()):
            if not _RST_LINE.fullmatch(title[:500]):
                yield Here(title.strip(), number)
