"""A model that obeys whoever wrote the files: the worst that a prompt injection can make of Claude."""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import cycle, islice, product

from extractor.claude.request import Answered, Request, Usage
from extractor.claude.said import MOST_CLAIMS

_FILE = re.compile(r'^File (\d+): "')
_LINE = re.compile(r"^ *\d+  (.*)$")
_KINDS = ("choice", "switch", "dropped-support", "breaking-change")


class ObedientClaude:
    """Says of every line that it is shown, or of the quotes it is told, that they show whatever is wanted."""

    def __init__(self, wants: Sequence[str], quotes: Sequence[str] | None = None) -> None:
        self._wants, self._quotes = wants, quotes
        self.asked: list[Request] = []

    def ask(self, request: Request) -> Answered:
        self.asked.append(request)
        files = [self._said(number, lines) for number, lines in _shown(request.material)]
        return Answered(json.dumps({"files": files}), "complete", Usage(), request.model)

    def _said(self, number: int, lines: list[str]) -> dict[str, object]:
        quotes = dict.fromkeys(self._quotes or lines)
        pairs = [(name, quote) for quote, name in islice(product(quotes, self._wants), MOST_CLAIMS)]
        named = [{"name": name, "quote": quote} for name, quote in pairs]
        decided = [
            {"kind": kind, "title": f"Switched to {name}", "quote": quote}
            for kind, (name, quote) in zip(cycle(_KINDS), pairs, strict=False)
        ]
        return {"file": number, "patterns": named, "decisions": decided, "components": named}


def _shown(material: str) -> Iterator[tuple[int, list[str]]]:
    """The files of the material, as far as a model can tell them from what they pretend to be."""
    number, lines = 0, list[str]()
    for line in material.split("\n"):
        if match := _FILE.match(line):
            if number:
                yield number, lines
            number, lines = int(match[1]), []
        elif match := _LINE.match(line):
            lines.append(match[1])
    if number:
        yield number, lines
