"""Who looks after a repository and after lines in it."""

from devnexus.events.similarity_computed import Place
from devnexus.knowledge.owners import owners_of
from devnexus.knowledge.projection import Projection
from devnexus.people.organisation import Organisation

_MOST = 10
_EVERYTHING = frozenset({"*", "**", "/**"})


class Responsible:
    """Asks the organisation's own file first, then the repository's CODEOWNERS. At most 10 are named."""

    def __init__(self, page: Projection, organisation: Organisation) -> None:
        self._said = organisation.owners_of(page.repository_name)
        self._rules = page.owners
        self._known: dict[str, tuple[str, ...]] = {}

    def of_all(self) -> tuple[str, ...]:
        """Who looks after the repository."""
        everything = (rule.owners for rule in reversed(self._rules) if rule.pattern in _EVERYTHING)
        return (self._said or next(everything, ()))[:_MOST]

    def of(self, place: Place | None) -> tuple[str, ...]:
        """Who looks after the file in which these lines are, else after the repository."""
        if place is None or self._said:
            return self.of_all()
        if place.path not in self._known:
            self._known[place.path] = owners_of(place.path, self._rules)[:_MOST]
        return self._known[place.path] or self.of_all()
