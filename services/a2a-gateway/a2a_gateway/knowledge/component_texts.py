"""The words of every component, as they are searched; made anew only for the pages that changed."""

import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from devnexus.alike.copies import FEWEST_SHINGLES
from devnexus.knowledge.projection import Projection, StandingComponent
from devnexus.repository import RepositoryId

_BETWEEN_WORDS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class PageTexts:
    """What the components of one page are called and say of themselves."""

    page: Projection
    whole: str
    """All of it: what is not in here is in no component."""
    lines: Sequence[str]
    """Of each component its plain name, then in further lines its name and description in lower case."""
    alike: Mapping[str, Sequence[StandingComponent]]
    """Plain name, and digest → the components that are long enough to be compared."""


class ComponentTexts:
    """Those of the pages that it follows, each as it was last."""

    def __init__(self) -> None:
        self._known: dict[RepositoryId, PageTexts] = {}
        self._having: dict[str, set[RepositoryId]] = defaultdict(set)
        """Plain name, and digest → who has a component of it, or had."""
        self._changing = threading.Lock()

    def follow(self, pages: Iterable[Projection]) -> None:
        """Know these pages; that costs what is new in them."""
        for page in pages:
            self.of(page)

    def of(self, page: Projection) -> PageTexts:
        """The texts of a page; a page is the same as long as it is the same object."""
        known = self._known.get(page.repository_id)
        return known if known and known.page is page else self._learn(page)

    def having(self, key: str) -> Sequence[RepositoryId]:
        """Who may have a component of this plain name or digest, on any page that it ever followed."""
        with self._changing:
            return sorted(self._having.get(key, ()))

    def _learn(self, page: Projection) -> PageTexts:
        texts, id_ = _texts(page), page.repository_id
        with self._changing:
            known = self._known.get(id_)
            for key in known.alike.keys() - texts.alike.keys() if known else ():
                self._having[key].discard(id_)
            for key in texts.alike:
                self._having[key].add(id_)
            self._known[id_] = texts
        return texts


def plain(name: str) -> str:
    """A name in lower case, without what stands between words: `retry_client` is `RetryClient`."""
    return _BETWEEN_WORDS.sub("", name).casefold()


def _texts(page: Projection) -> PageTexts:
    lines: list[str] = []
    alike: dict[str, list[StandingComponent]] = defaultdict(list)
    for one in page.components:
        name = plain(one.name)
        lines.append(f"{name}\n{one.name}\n{one.description or ''}".casefold())
        if len(one.sketch) >= FEWEST_SHINGLES:
            alike[name].append(one)
            alike[one.digest].append(one)
    return PageTexts(page, "\n".join(lines), lines, dict(alike))
