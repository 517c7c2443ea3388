"""How much goes into one commit, where the host limits that."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from devnexus.events import Record
from devnexus.knowledge.history import record_line
from devnexus.knowledge.layout import history_path
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.store import CommitLimits
from devnexus.repository import RepositoryId, RepositoryName

_ROOM_FOR_PAGES = 10
"""Of the files of one commit, those kept free for the pages of a portion and of those that share its name."""


@dataclass(frozen=True)
class Portion:
    """Records that are folded and committed together: of one repository and what it has adopted."""

    family: RepositoryId
    records: tuple[Record, ...]


@dataclass(frozen=True)
class Draft:
    """What a commit is going to hold."""

    families: frozenset[RepositoryId] = frozenset()
    records: tuple[Record, ...] = ()
    files: dict[str, bytes | None] = field(default_factory=dict)
    """The history files."""
    projections: tuple[Projection, ...] = ()
    hidden: frozenset[RepositoryId] = frozenset()
    """Repositories that have no page now."""
    names_left: frozenset[RepositoryName] = frozenset()
    """What the repositories were called before."""
    page_bytes: int = 0
    """How long the pages of `projections` are, where the commit's size is limited."""

    def with_(self, addition: "Draft") -> "Draft":
        """Both together."""
        return Draft(
            families=self.families | addition.families,
            records=self.records + addition.records,
            files={**self.files, **addition.files},
            projections=self.projections + addition.projections,
            hidden=self.hidden | addition.hidden,
            names_left=self.names_left | addition.names_left,
            page_bytes=self.page_bytes + addition.page_bytes,
        )

    def fits(self, limits: CommitLimits) -> bool:
        """Whether one commit may hold it."""
        files = len(self.files) + len(self.projections)
        if limits.files is not None and files + len(self.names_left) > limits.files:
            return False
        return limits.bytes is None or self._bytes() <= limits.bytes

    def _bytes(self) -> int:
        return self.page_bytes + sum(len(content or b"") for content in self.files.values())


def portions(
    records: Iterable[Record], limits: CommitLimits, *, family_of: Callable[[Record], RepositoryId]
) -> list[Portion]:
    """`records` by family, in the order in which they came; large ones in parts by time."""
    families: dict[RepositoryId, list[Record]] = defaultdict(list)
    for record in records:
        families[family_of(record)].append(record)
    return [
        Portion(family, tuple(part))
        for family, of_family in families.items()
        for part in _parts(of_family, limits)
    ]


def _parts(records: Sequence[Record], limits: CommitLimits) -> Iterator[list[Record]]:
    if limits.files is None and limits.bytes is None:
        yield list(records)
        return
    part: list[Record] = []
    paths: set[str] = set()
    size = 0
    for record in sorted(records, key=lambda record: (record.at, record.id)):
        path, length = history_path(record.repository.id, record.at), len(record_line(record))
        too_many = limits.files is not None and len(paths | {path}) > limits.files - _ROOM_FOR_PAGES
        too_much = limits.bytes is not None and size + length > limits.bytes
        if part and (too_many or too_much):
            yield part
            part, paths, size = [], set(), 0
        part.append(record)
        paths.add(path)
        size += length
    if part:
        yield part
