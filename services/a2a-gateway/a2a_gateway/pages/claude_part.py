"""What the page of a receipt shows of Claude: what it read and took, and what it suggests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from a2a_gateway.knowledge.claude_words import fate_of_claims, part_of_claude
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.pages.links import Link, lines_link
from a2a_gateway.pages.lists import LeftOut, left_out, pattern_in
from devnexus.events import PatternsExtracted
from devnexus.events.patterns_extracted import ClaudeReceipt, Suggestion
from devnexus.events.similarity_computed import Place
from devnexus.taxonomy import load_taxonomy

_SUGGESTIONS_SHOWN = 50


@dataclass(frozen=True)
class SuggestionLine:
    """Something that Claude says, and nothing proves."""

    kind: str
    name: str
    meant: Link | None
    """The pattern that it may mean."""
    place: Link
    quote: str


@dataclass(frozen=True)
class ClaudePart:
    """What Claude had to do with a push or snapshot."""

    words: str
    """How much of it Claude read, in a sentence."""
    fate: str
    """What became of its claims, in a sentence; empty where there were none."""
    receipt: ClaudeReceipt | None
    left_out: Sequence[LeftOut]
    suggestions: Sequence[SuggestionLine]
    more_suggestions: int


def claude_part(reading: Reading, record: PatternsExtracted, *, most_paths: int) -> ClaudePart:
    """Claude's part in this record, naming so many files of each kind that it did not read."""
    receipt, suggestions = record.receipt.claude, record.suggestions
    return ClaudePart(
        words=part_of_claude(receipt),
        fate=fate_of_claims(receipt) if receipt else "",
        receipt=receipt,
        left_out=left_out(receipt.left_out if receipt else (), most_paths),
        suggestions=_lines(reading, record, suggestions[:_SUGGESTIONS_SHOWN]),
        more_suggestions=len(suggestions[_SUGGESTIONS_SHOWN:]),
    )


def _lines(
    reading: Reading, record: PatternsExtracted, suggestions: Iterable[Suggestion]
) -> list[SuggestionLine]:
    return [
        SuggestionLine(
            kind=one.kind,
            name=one.name,
            meant=_meant(reading, one.meant) if one.meant else None,
            place=lines_link(
                record.repository.url,
                Place(path=one.path, start=one.line, end=one.line, commit=record.after),
            ),
            quote=one.quote,
        )
        for one in suggestions
    ]


def _meant(reading: Reading, id_: str) -> Link:
    usual = load_taxonomy().get(id_)
    return pattern_in(reading, id_, usual.name if usual else id_)
