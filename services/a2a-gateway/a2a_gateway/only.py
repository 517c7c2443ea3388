"""Routes before a mount that would take whatever they leave."""

from starlette.routing import Match, Route
from starlette.types import Scope


class Only(Route):
    """A path that answers other methods with 405 itself, instead of leaving them to what comes after it."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the path is meant."""
        match, child = super().matches(scope)
        return (Match.FULL if match is Match.PARTIAL else match), child
