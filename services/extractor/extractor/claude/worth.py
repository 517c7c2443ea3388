"""Which of the files that rules read Claude may be asked about, and which of them matter most.

Only what could ever count is worth a question (`verification`): a pattern needs a line of product code, in a
language that is known or where a rule sees something; a decision needs a dependency that came or went, or a
record of decisions. Tests, examples and prose prove nothing, so they are not asked about.
"""

import re
from dataclasses import dataclass

from devnexus.events.patterns_extracted import FileReading
from extractor.change import ChangedFile
from extractor.roles import Role, role_of

_RECORDS = re.compile(
    r"(?:^|/)(?:adrs?|rfcs?|decisions|architecture[-_]decisions?|decision[-_]records?"
    r"|architectural[-_]decisions)/|(?:^|/)adr[-_]?\d[^/]*$",
    re.IGNORECASE,
)
_PROVES_NOTHING = {
    Role.TEST: "test: proves no pattern of the product",
    Role.EXAMPLE: "example: proves no pattern of the product",
    Role.CI: "build script: proves no pattern of the product",
}
_PROSE = "prose: proves no pattern"
_UNKNOWN = "of no language that is known, and no rule sees anything in it"
_PLAIN = "configuration in which no rule sees anything"

_CORE = frozenset(
    "adapters api app application cmd controllers core domain handlers infrastructure internal lib middleware"
    " models modules pkg repositories server services src usecases workers".split()
)
"""Folders in which the product itself is written."""

_MANY_LINES = 2000
"""A file of which so much is new was more likely poured in than written."""


@dataclass(frozen=True)
class Candidate:
    """One file that is worth a question."""

    file: ChangedFile
    reading: FileReading

    @property
    def is_new(self) -> bool:
        """Whether all its lines are: it replaced nothing, or it stands in a tree."""
        return self.file.before_id is None and self.file.status == "added"

    @property
    def is_changed(self) -> bool:
        """Whether another content stood in its place before."""
        return self.file.before_id not in (None, self.file.object_id)

    @property
    def folder(self) -> str:
        """Where it lies; files of one folder explain each other."""
        return self.file.path.rpartition("/")[0]

    @property
    def points(self) -> int:
        """How much it matters: what rules see first, then what is new and what is at the core."""
        rows = self.reading.rows
        return (
            3 * bool(rows)
            + 2 * any(row.introduced for row in rows)
            + 3 * bool(self.reading.dependency_changes or self.reading.decisions)
            + 2 * self.is_new
            + 2 * (role_of(self.file.path) is Role.SOURCE)
            + bool(self.reading.components)
            + bool(_CORE.intersection(self.folder.lower().split("/")))
            - 2 * (sum(map(len, self.file.added)) > _MANY_LINES)
        )


def reason_not_to_ask(reading: FileReading) -> str | None:
    """Why Claude is not asked about a file that rules read; None if it may be."""
    role = role_of(reading.path)
    if role in _PROVES_NOTHING:
        return _PROVES_NOTHING[role]
    if role is Role.DOCS:
        return None if reading.decisions or _RECORDS.search(reading.path) else _PROSE
    if reading.rows:
        return None
    if role is Role.CONFIG:
        return None if reading.dependency_changes else _PLAIN
    return None if reading.language else _UNKNOWN
