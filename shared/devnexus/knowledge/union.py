"""Names from two sources, each once."""

from collections.abc import Iterable


def union(first: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    """`first`, and what of `more` is not in it however it is spelled, in its order."""
    known = {text.casefold() for text in first}
    return (*first, *(text for text in more if text.casefold() not in known))
