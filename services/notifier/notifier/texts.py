"""Every sentence of a notice that people read.

Names and paths come from repositories that anybody may write to, so whatever a terminal would obey
instead of show is written out.
"""

import re
from collections.abc import Iterator, Sequence

from devnexus.alike import sentences
from devnexus.events.notification_requested import Notice
from devnexus.events.similarity_computed import Alike, Named, PatternChange
from devnexus.knowledge.confidence import strength
from devnexus.printable import printable

_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@-])")
_PATHS = 3
"""So many of the files that were not looked at are named."""

_ESCAPED = r"\\\1"


def text(notice: Notice) -> str:
    """The whole notice: the headline, then a line for each further fact."""
    return "\n".join((headline(notice), *lines(notice)[1:]))


def headline(notice: Notice) -> str:
    """`acme/billing: Retry with backoff is new (src/http.py:14, strong)`: the first fact, alone."""
    return printable(f"{notice.repository.name}: {next(_facts(notice), 'nothing has changed')}")


def lines(notice: Notice) -> tuple[str, ...]:
    """Every fact of the notice, one line each."""
    return tuple(printable(fact) for fact in _facts(notice))


def markdown(notice: Notice) -> str:
    """Every fact of the notice as an item of a list, in which nothing but the list is markup.

    And what is no news but belongs to the whole picture: patterns touched, and what was not looked at.
    """
    facts = [*lines(notice), *map(printable, _beside(notice))]
    return "\n".join(f"- {_MARKUP.sub(_ESCAPED, fact)}" for fact in facts)


def _facts(notice: Notice) -> Iterator[str]:
    for pattern in notice.introduced:
        yield f"{pattern.name} is new ({_seen(pattern)})"
    for pattern in notice.gone:
        yield f"{pattern.name} is gone"
    for alike in notice.entered:
        yield from _entered(notice.repository, alike)
    if notice.left:
        yield f"no longer like {_listed([one.name for one in notice.left])}"
    for lacking in notice.missing:
        yield sentences.missing(notice.repository, lacking)


def _beside(notice: Notice) -> Iterator[str]:
    if notice.touched:
        yield f"touched: {_listed([pattern.name for pattern in notice.touched])}"
    for left_out in notice.not_read:
        more = left_out.count - len(left_out.paths[:_PATHS])
        paths = ", ".join(left_out.paths[:_PATHS]) + (f" and {more} more" if more else "")
        yield f"not looked at: {left_out.count} × {left_out.reason} ({paths})"


def _entered(here: Named, alike: Alike) -> Iterator[str]:
    there = alike.repository
    why = f": both have {sentences.reasons(alike)}" if alike.shared else ""
    yield f"now like {there.name} ({alike.score:.2f}){why}"
    for component in alike.components:
        yield sentences.copy(here, there, component)


def _seen(pattern: PatternChange) -> str:
    place = f"{sentences.place(pattern.place)}, " if pattern.place else ""
    return f"{place}{strength(pattern.confidence)}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
