"""What a README says first of its repository, without badges, headings and markup."""

import re
from collections.abc import Iterator, Sequence

from devnexus.redact import redact
from extractor.evidence import lines_of

_README = re.compile(r"readme(?:\.(?:md|markdown|mdx|rst|adoc|txt))?", re.IGNORECASE)
_LINES_LOOKED_AT = 200
_MOST_CHARACTERS = 500
_FEWEST_CHARACTERS = 20
_LONGEST_LINE = 2000
_MOST_READ = 3000
"""Characters of a paragraph: enough for 500 of prose among markup, few enough for any expression."""

_IMAGE = re.compile(r"\[?!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])\]?(?:\([^)]*\)|\[[^\]]*\])?")
_LINK = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])|`([^`<]*?)\s*<[^>]*>`_{1,2}")
_TAG = re.compile(r"<[^<>]*>")
_EMPHASIS = re.compile(r"[*`]+|\b_{1,3}|_{1,3}\b|\|")
_MARKUP_LINE = re.compile(r"\s*(?:#|=+\s*$|-+\s*$|~+\s*$|\.\. |:\w[\w -]*:|\[[^\]]+\]:|<!--|\||!\[|```|=+ )")
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")
_SENTENCE = re.compile(r"[^\W\d_]{2,}\s+[^\W\d_]+\s+\S")


def introduction(path: str, text: str) -> str | None:
    """The first paragraph of prose in the README of the root folder, at most 500 characters; else None."""
    if not _README.fullmatch(path):
        return None
    lines = [line[:_LONGEST_LINE] for line in lines_of(text)[:_LINES_LOOKED_AT]]
    return next((said for said in map(_said, _paragraphs(lines)) if said), None)


def _paragraphs(lines: Sequence[str]) -> Iterator[list[str]]:
    """Lines that follow each other and are prose; a heading, a list or a block of code ends one."""
    paragraph: list[str] = []
    in_code = False
    for number, line in enumerate(lines):
        in_code ^= line.lstrip().startswith("```")
        following = lines[number + 1] if number + 1 < len(lines) else ""
        is_heading = bool(line.strip()) and bool(re.fullmatch(r"\s*(?:=|-|~|\*|\^){3,}\s*", following))
        is_indented = line.startswith(("    ", "\t"))
        if in_code or is_heading or is_indented or not line.strip() or _is_markup(line):
            yield paragraph
            paragraph = []
        else:
            paragraph.append(line)
    yield paragraph


def _is_markup(line: str) -> bool:
    return bool(_MARKUP_LINE.match(line) or _LIST_ITEM.match(line))


def _said(paragraph: Sequence[str]) -> str | None:
    """The words of a paragraph, None where they are no sentence."""
    text = " ".join(paragraph)[:_MOST_READ]
    text = _TAG.sub(" ", _LINK.sub(lambda link: link[1] or link[2] or "", _IMAGE.sub(" ", text)))
    plain = " ".join(_EMPHASIS.sub("", text).lstrip("> ").split())
    words = redact(plain.encode("utf-8", "replace").decode()).text  # marks may have parted a secret
    if len(words) < _FEWEST_CHARACTERS or not _SENTENCE.search(words):
        return None
    return words if len(words) <= _MOST_CHARACTERS else f"{words[: _MOST_CHARACTERS - 1].rsplit(' ', 1)[0]}…"
