"""The words of every component, as they are searched; made anew only for the pages that changed."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
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
    """Those of the pages that were asked for last."""

    def __init__(self) -> None:
        self._known: dict[RepositoryId, PageTexts] = {}

    def of(self, page: Projection) -> PageTexts:
        """The texts of a page; a page is the same as long as it is the same object."""
        known = self._known.get(page.repository_id)
        if known is None or known.page is not page:
            known = self._known[page.repository_id] = _texts(page)
        return known


def plain(name: str) -> str:
    """A name in lower case, without what stands between words: `retry_client` is `RetryClient`."""
    return _BETWEEN_WORDS.sub("", name).casefold()


def _texts(page: Projection) -> PageTexts:
    lines = [_line(one) for one in page.components]
    alike: dict[str, list[StandingComponent]] = defaultdict(list)
    for one in page.components:
        if len(one.sketch) >= FEWEST_SHINGLES:
            alike[plain(one.name)].append(one)
            alike[one.digest].append(one)
    return PageTexts(page, "\n".join(lines), lines, dict(alike))


def _line(component: StandingComponent) -> str:
    return f"{plain(component.name)}\n{component.name}\n{component.description or ''}".casefold()
