"""What a page says that it can be found by, and how much the place says where it stands."""

from collections import Counter
from collections.abc import Mapping

from devnexus.knowledge.projection import Projection
from devnexus.people.tokens import tokens

LENGTH = ""
"""Stands among the words of a page for how many they are; no word is empty."""

_NAME, _DOMAIN, _TEXT = 3, 2, 1


def keywords(page: Projection) -> Mapping[str, int]:
    """Keyword in lower case → the weight of the best place where it stands besides: name, domain, text."""
    places = ((_NAME, _name(page)), (_DOMAIN, _domain(page)), (_TEXT, _text(page)))

    def weight(stems: frozenset[str]) -> int:
        return next((weight for weight, place in places if stems and stems <= place), 0)

    return {word.lower(): weight(tokens(word)) for word in page.latest_patterns.keywords}


def words(page: Projection) -> Mapping[str, int]:
    """Stem → the weights of all places where it stands, together."""
    patterns = (word for id_, one in page.standing_patterns.items() for word in (id_, one.name))
    places = (
        (_NAME, _name(page)),
        (_DOMAIN, _domain(page)),
        (_DOMAIN, frozenset().union(*map(tokens, page.latest_patterns.keywords))),
        (_DOMAIN, frozenset().union(*map(tokens, patterns))),
        (_TEXT, _text(page)),
    )
    found: Counter[str] = Counter()
    for weight, stems in places:
        found.update(dict.fromkeys(stems, weight))
    return {**found, LENGTH: found.total()}


def _name(page: Projection) -> frozenset[str]:
    return tokens(page.repository_name)


def _domain(page: Projection) -> frozenset[str]:
    return tokens(page.latest_patterns.problem_domain)


def _text(page: Projection) -> frozenset[str]:
    return tokens(f"{page.description or ''} {page.introduction or ''}")
