"""Which pattern a name comes close to, where no words say which one it means."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from extractor.claude.embedder import Vector


@dataclass(frozen=True)
class Near:
    """The pattern that comes closest."""

    id: str
    likeness: float
    """1 for the very same text."""


class NearNames:
    """Texts that stand for patterns, to be compared with others; they are embedded when first needed."""

    def __init__(self, texts: Iterable[tuple[str, str]], embed: Callable[[str], Vector]) -> None:
        """`texts` are pairs of an id and a text, at least one."""
        self._texts = list(texts)
        self._embed = embed

    def closest(self, name: str) -> Near:
        """The pattern with the text that is most like `name`; of several equal ones the first."""
        likeness = self._vectors @ self._embed(name)
        best = int(likeness.argmax())
        return Near(self._texts[best][0], float(likeness[best]))

    @cached_property
    def _vectors(self) -> Vector:
        return np.stack([self._embed(text) for _, text in self._texts])
