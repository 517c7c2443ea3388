"""Finds the repositories that share most with one: exact IDF-weighted Jaccard over their bags of terms."""

import math
from collections import defaultdict
from collections.abc import Mapping, Set

from devnexus.alike.bag import Term, bag_of
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.view import View
from devnexus.repository import RepositoryId

MOST_ALIKE = 5

WORTH_NAMING = 0.1
"""Repositories that share less than a tenth of their weight are not called alike."""


class Index:
    """All bags of one view, with the weight of each term: ln(1 + repositories / those that have it)."""

    def __init__(self, view: View, *, previous: "Index | None" = None) -> None:
        """`previous` is the index of an earlier view: what did not change since is taken over."""
        self._known: Mapping[RepositoryId, tuple[Projection, frozenset[Term]]] = {
            id_: previous.reuse(id_, projection) if previous else (projection, bag_of(projection))
            for id_, projection in view.everyone.items()
        }
        self._having: dict[Term, list[RepositoryId]] = defaultdict(list)
        for id_ in view.repositories:
            for term in self._known[id_][1]:
                self._having[term].append(id_)
        count = len(view.repositories)
        self._weights = {term: math.log(1 + count / len(having)) for term, having in self._having.items()}
        self._totals = {id_: self._weigh(bag) for id_, (_, bag) in self._known.items()}

    def reuse(self, id_: RepositoryId, projection: Projection) -> tuple[Projection, frozenset[Term]]:
        """The entry of a repository, newly made only where its projection is another one than here."""
        known = self._known.get(id_)
        return known if known and known[0] is projection else (projection, bag_of(projection))

    def weight(self, term: Term) -> float:
        """How much sharing `term` says; 0 for one that nobody has."""
        return self._weights.get(term, 0.0)

    def shared(self, one: RepositoryId, other: RepositoryId) -> list[Term]:
        """The terms that both have, the weightiest first."""
        common = self._known[one][1] & self._known[other][1]
        return sorted(common, key=lambda term: (-self.weight(term), term))

    def score(self, one: RepositoryId, other: RepositoryId) -> float:
        """Weight of the shared terms over weight of all terms of both: 0 to 1."""
        return self._jaccard(one, other, self._weigh(self.shared(one, other)))

    def most_alike(
        self, repository: RepositoryId, *, but: Set[RepositoryId] = frozenset()
    ) -> list[RepositoryId]:
        """The up to 5 repositories, none of `but`, with the highest score of at least 0.1, best first.

        Words alone make nobody alike: a pattern or a package has to be shared as well.
        """
        shared: dict[RepositoryId, float] = defaultdict(float)
        solid: set[RepositoryId] = set()
        for term in sorted(self._known[repository][1]):  # in one order, so that sums are equal to the bit
            for other in self._having.get(term, ()):
                shared[other] += self.weight(term)
            if term.kind != "keyword":
                solid.update(self._having.get(term, ()))
        solid -= {repository, *but}
        scores = {other: self._jaccard(repository, other, shared[other]) for other in solid}
        ranked = sorted(scores, key=lambda other: (-scores[other], other))
        return [other for other in ranked[:MOST_ALIKE] if scores[other] >= WORTH_NAMING]

    def _jaccard(self, one: RepositoryId, other: RepositoryId, shared: float) -> float:
        union = self._totals[one] + self._totals[other] - shared
        return round(shared / union, 6) if union else 0.0

    def _weigh(self, terms: "frozenset[Term] | list[Term]") -> float:
        return math.fsum(self.weight(term) for term in terms)
