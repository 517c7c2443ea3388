"""Which repositories have a word, kept along from one state of the pages to the next."""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from devnexus.knowledge.differing import Pages, differences
from devnexus.knowledge.projection import Projection
from devnexus.repository import RepositoryId

V = TypeVar("V")

Words = Callable[[Projection], Mapping[str, V]]
"""What of a page is looked up, and what is to be known of it there."""


class Inverted(Generic[V]):
    """Word → the repositories that have it, for one state of the pages; it does not change."""

    def __init__(self, words: Words[V]) -> None:
        """Of no pages. `words` gives the same for the same page."""
        self._words = words
        self._pages: Pages = {}
        self._having: dict[str, dict[RepositoryId, V]] = {}

    def after(self, pages: Pages) -> "Inverted[V]":
        """The same of these pages; it costs what differs between them and those of this one."""
        new = Inverted(self._words)
        new._pages, new._having = pages, dict(self._having)
        copied: set[str] = set()
        for was, now in differences(self._pages, pages):
            before, after = self._words(was) if was else {}, self._words(now) if now else {}
            for word in before.keys() | after.keys():
                if before.get(word) != after.get(word):
                    if word not in copied:
                        copied.add(word)
                        new._having[word] = dict(self._having.get(word, {}))
                    _put(new._having[word], was or now, after.get(word))
        for word in copied:
            if not new._having[word]:
                del new._having[word]
        return new

    def having(self, word: str) -> Mapping[RepositoryId, V]:
        """Who has the word."""
        return self._having.get(word, {})

    def __contains__(self, word: str) -> bool:
        return word in self._having

    @property
    def pages(self) -> Pages:
        """The pages that it is of."""
        return self._pages


def _put(having: dict[RepositoryId, V], page: Projection | None, value: V | None) -> None:
    assert page
    if value is None:
        having.pop(page.repository_id, None)
    else:
        having[page.repository_id] = value
