"""Everything that history says, repository by repository, and the pages that it amounts to."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from devnexus.events import Record
from devnexus.knowledge.fold import RepositoryState, fold
from devnexus.knowledge.history import adopted_by, read_records
from devnexus.knowledge.layout import HISTORY
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.store import Store
from devnexus.repository import RepositoryId, RepositoryName
from kb_writer.pages import pages_under

Histories = Mapping[RepositoryId, Sequence[Record]]
"""Repository → the records in its folder, of those that have any."""


def read_histories(store: Store, *, at: str) -> Histories:
    """All records at revision `at`. Raises Unavailable or Damaged where one cannot be read."""
    histories: dict[RepositoryId, list[Record]] = defaultdict(list)
    for path, content in sorted(store.read([HISTORY], at=at).items()):
        histories[path.removeprefix(HISTORY).rpartition("/")[0]] += read_records(content, path=path)
    return histories


def states(histories: Histories) -> Iterator[tuple[RepositoryId, RepositoryState]]:
    """What the records of each repository amount to, those of what it adopted included."""
    for repository, own in sorted(histories.items()):
        adopted = [record for id_ in adopted_by(own) for record in histories.get(id_, ())]
        if state := fold([*own, *adopted]):
            yield repository, state


def expected_pages(projections: Sequence[Projection]) -> dict[str, bytes]:
    """Path → content of every page that there must be, and no other, where these are all that is known."""
    by_name: dict[RepositoryName, dict[RepositoryId, Projection]] = defaultdict(dict)
    for projection in projections:
        by_name[projection.repository_name][projection.repository_id] = projection
    return {
        path: page.page()
        for name, claimants in sorted(by_name.items())
        for path, page in pages_under(name, claimants).items()
    }
