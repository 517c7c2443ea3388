"""What was said of parts, or one after the other, as what is known of the whole."""

from collections.abc import Iterable
from typing import TypeVar

from devnexus.layout_key import without_layout
from extractor.claude.fence import visible
from extractor.claude.said import MOST_CLAIMS, Said, SaidComponent, SaidDecision, SaidPattern

_One = TypeVar("_One", SaidPattern, SaidDecision, SaidComponent)


def merged(said: Iterable[Said]) -> Said:
    """All of it, each once, in its order."""
    all_of_it = list(said)
    return Said(
        patterns=_united(one for some in all_of_it for one in some.patterns),
        decisions=_united(one for some in all_of_it for one in some.decisions),
        components=_united(one for some in all_of_it for one in some.components),
    )


def standing(said: Said, text: str) -> Said:
    """What of it quotes words that stand in `text`."""
    bare = _bare(text)
    return Said(
        patterns=tuple(one for one in said.patterns if _bare(one.quote) in bare),
        decisions=tuple(one for one in said.decisions if _bare(one.quote) in bare),
        components=tuple(one for one in said.components if _bare(one.quote) in bare),
    )


def _bare(text: str) -> str:
    """As quotes are compared with what was shown."""
    return without_layout(visible(text))


def _united(some: Iterable[_One]) -> tuple[_One, ...]:
    return tuple(dict.fromkeys(some))[:MOST_CLAIMS]
