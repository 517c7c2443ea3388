"""Who is told of what now: `devnexus.yaml` decides where it has routes, else the notifier's own file."""

import logging
from typing import Protocol

from devnexus.people.organisation import ORGANISATION_PATH, Organisation
from notifier.routes import Routes

_log = logging.getLogger(__name__)


class Settings(Protocol):
    """Where the organisation's settings come from."""

    def now(self) -> Organisation:
        """The settings, the very same object while they say the same; Unavailable if they cannot be had."""


class FollowedRoutes:
    """The targets of a file, with the routes that people edit in the knowledge base."""

    def __init__(self, file: Routes, settings: Settings | None) -> None:
        """Without `settings`, the routes of the file are all there is."""
        self._file = file
        self._settings = settings
        self._seen: Organisation | None = None
        self._routes = file

    def now(self) -> Routes:
        """The routes of now. Raises Unavailable where it was never known what the organisation wants."""
        organisation = self._settings.now() if self._settings else None
        if organisation is not None and organisation is not self._seen:
            self._routes = self._of(organisation)
            self._seen = organisation
        return self._routes

    def _of(self, organisation: Organisation) -> Routes:
        if organisation.routes is None:
            return self._file
        for name in self._file.unknown(organisation.routes):
            _log.warning(
                "%s: routes name the target %s, which is not there and is skipped; targets are %s (%s)",
                ORGANISATION_PATH,
                name,
                ", ".join(sorted(self._file.targets)),
                self._file.file,
            )
        return self._file.with_routes(organisation.routes)
