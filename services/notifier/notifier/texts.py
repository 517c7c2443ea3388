"""Every sentence of a message that people read.

Names and paths come from repositories that anybody may write to, so whatever a terminal would obey
instead of show is written out.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from devnexus.alike import sentences
from devnexus.events.notification_requested import Digest, Message, Notice, Summary
from devnexus.events.similarity_computed import Alike, Named, PatternChange
from devnexus.knowledge.confidence import strength
from devnexus.printable import printable

_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@-])")
_ESCAPED = r"\\\1"

_RUNS = {
    "snapshot": "Read for the first time",
    "backfill": "Past pushes were read",
    "import": "Imported",
    "reanalysis": "Read anew",
}


class Part(NamedTuple):
    """What a message says of one repository or run, for channels that set it apart."""

    title: str
    url: str | None
    lines: tuple[str, ...]


def parts(message: Message) -> tuple[Part, ...]:
    """The message in its parts: several in a digest, else one."""
    match message:
        case Digest():
            return tuple(part for one in message.messages for part in parts(one))
        case Summary():
            return (Part(printable(_run(message)), None, tuple(map(printable, _summed_up(message)))),)
        case Notice():
            return (Part(printable(message.repository.name), message.url, lines(message)),)


def further(message: Message) -> tuple[Part, ...]:
    """The message in its parts, without the fact that the headline tells already."""
    if isinstance(message, Notice):
        return tuple(part._replace(lines=part.lines[1:]) for part in parts(message))
    return parts(message)


def text(message: Message) -> str:
    """The whole message: the headline, then a line for each further fact."""
    return "\n".join((headline(message), *told(message)))


def told(message: Message) -> tuple[str, ...]:
    """A line for each fact that the headline does not tell; with the name of what it is about in a digest."""
    if isinstance(message, Digest):
        return tuple(f"{part.title}: {line}" for part in parts(message) for line in part.lines)
    return tuple(line for part in further(message) for line in part.lines)


def more_lines(count: int) -> str:
    """What stands in place of so many lines that found no room."""
    return f"and {count} more"


def more_messages(count: int) -> str:
    """What stands in place of so many messages of a digest that found no room."""
    return f"and {count} more {'message' if count == 1 else 'messages'}"


def headline(message: Message) -> str:
    """`acme/billing: Retry with backoff is new (src/http.py:14, strong)`: the first fact, alone."""
    match message:
        case Digest():
            titles = list(dict.fromkeys(part.title for part in parts(message)))
            return f"{len(message.messages)} messages: {sentences.first(titles)}"
        case Summary():
            return printable(_run(message))
        case Notice():
            first = next(_facts(message), "nothing new")
            return printable(f"{message.repository.name}: {first}")


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
    if notice.test:
        yield "this is a test: nothing has happened, and messages arrive"
    here = notice.repository
    for pattern in notice.introduced:
        yield f"{pattern.name} is new ({_seen(pattern)})"
    for pattern in notice.gone:
        yield f"{pattern.name} is gone"
    for alike in notice.entered:
        yield from _entered(here, alike)
    if notice.left:
        yield f"no longer like {_listed([one.name for one in notice.left])}"
    since = f", since a push to {notice.because.name}" if notice.because else ""
    for lacking in notice.missing:
        yield f"{sentences.missing(here, lacking)}{since}"
    for variant in notice.variants:
        yield f"{sentences.variant(here, variant)}{since}"
    for copied in notice.copies:
        yield sentences.copy(here, copied.repository, copied.component)
    if notice.consumers:
        yield sentences.consumers(notice.consumers, notice.consumer_count, notice.changed)


def _beside(notice: Notice) -> Iterator[str]:
    if notice.touched:
        yield f"touched: {_listed([pattern.name for pattern in notice.touched])}"
    for left_out in notice.not_read:
        paths = sentences.first(left_out.paths, of=left_out.count)
        yield f"not looked at: {left_out.count} × {left_out.reason} ({paths})"


def _entered(here: Named, alike: Alike) -> Iterator[str]:
    there = alike.repository
    why = f": both have {sentences.reasons(alike)}" if alike.shared else ""
    yield f"now like {there.name} ({alike.score:.2f}){why}"
    for component in alike.components:
        yield sentences.copy(here, there, component)


def _run(summary: Summary) -> str:
    what = _RUNS.get(summary.cause, "Changed")
    count = summary.repositories
    return f"{what}: {count} {'repository' if count == 1 else 'repositories'}"


def _summed_up(summary: Summary) -> Iterator[str]:
    yield sentences.first([one.name for one in summary.names], of=summary.repositories)
    if summary.patterns:
        more = summary.pattern_count - len(summary.patterns)
        counted = ", ".join(f"{one.name} in {one.repositories}" for one in summary.patterns)
        yield f"new patterns: {counted}" + (f" and {more} more" if more > 0 else "")


def _seen(pattern: PatternChange) -> str:
    place = f"{sentences.place(pattern.place)}, " if pattern.place else ""
    return f"{place}{strength(pattern.confidence)}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
