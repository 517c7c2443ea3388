"""What `devnexus status` says of the knowledge base."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

from devnexus.events import Record
from devnexus.knowledge.analyses import effective
from devnexus.knowledge.commit_message import is_ours
from devnexus.knowledge.history import read_records
from devnexus.knowledge.layout import HISTORY
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.store import Damaged, Revision, Store
from devnexus.knowledge.view import View, Views
from devnexus.repository import RepositoryId
from devnexus.timestamps import write
from devnexus_cli.figures import ago, count
from devnexus_cli.status_part import Part

_REPOSITORIES_SHOWN = 20
_COMMITS_LOOKED_AT = 20
"""How many of the newest commits are looked at for pages that lag behind; `kb verify` looks at everything."""


def knowledge_parts(store: Store, location: str) -> list[Part]:
    """Its head and pace, what is damaged or stale, the gaps, the repositories.

    Raises Unavailable or Damaged where it cannot be read.
    """
    head = store.head()
    view = Views(store).at(head)
    last_hour = _since(store, head, datetime.now(UTC) - timedelta(hours=1))
    newest = next(iter(store.log(head)))
    damage = [f"{problem.path}: {problem.message}" for problem in view.problems]
    damage += [f"{path}: older than its history: devnexus kb verify --repair" for path in _stale(store, view)]
    return [
        _head(location, newest, view, last_hour, store.usage()),
        Part(
            "damage",
            tuple(damage) or ("none seen; to check everything: devnexus kb verify",),
            bool(damage),
            {"problems": damage},
        ),
        _gaps(list(view.pages.values())),
        _repositories(sorted(view.pages.values(), key=lambda page: page.last_updated, reverse=True)),
    ]


def _head(
    location: str, newest: Revision, view: View, last_hour: Sequence[Revision], usage: dict[str, int]
) -> Part:
    subject = newest.message.partition("\n")[0]
    lines = [
        f"{location} at {newest.id[:12]}, {ago(newest.at)}: {subject}",
        f"{count(len(view.pages), 'repository', 'repositories')}, "
        f"{count(len(last_hour), 'commit')} in the last hour",
    ]
    if usage:
        lines.append(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in sorted(usage.items())))
    facts = {
        "location": location,
        "head": newest.id,
        "committed_at": write(newest.at),
        "subject": subject,
        "repositories": len(view.pages),
        "commits_in_the_last_hour": len(last_hour),
        "usage": usage,
    }
    return Part("knowledge", tuple(lines), facts=facts)


def _since(store: Store, head: str, moment: datetime) -> list[Revision]:
    found: list[Revision] = []
    for revision in store.log(head):
        if revision.at < moment:
            break
        found.append(revision)
    return found


def _stale(store: Store, view: View) -> list[str]:
    """The pages that do not know of a record that one of the newest commits brought."""
    pages = {
        id_: (path, page) for path, page in _written(view) for id_ in (page.repository_id, *page.adopted)
    }
    paths: set[str] = set()
    for revision in islice(store.log(view.revision), _COMMITS_LOOKED_AT):
        if revision.parent and is_ours(revision.message):
            changed = store.changed(revision.parent, revision.id)
            paths |= {path for path in changed if path.startswith(HISTORY)}
    stale: set[str] = set()
    for path, content in store.read(sorted(paths), at=view.revision).items():
        page_path, page = pages.get(_repository(path), (None, None))
        if page_path and page and any(record.at > page.last_updated for record in _records(path, content)):
            stale.add(page_path)
    return sorted(stale)


def _records(path: str, content: bytes) -> Iterator[Record]:
    try:
        yield from effective(read_records(content, path=path))
    except Damaged:
        return  # that is for `kb verify` to tell, with every line


def _repository(path: str) -> RepositoryId:
    return path.removeprefix(HISTORY).rpartition("/")[0]


def _written(view: View) -> Iterator[tuple[str, Projection]]:
    for path, good in view.raw.items():
        if good.value and not good.problem:
            yield path, good.value


def _gaps(pages: Sequence[Projection]) -> Part:
    lines = [
        f"{page.repository_name}   gap: {gap.after[:12]} → {gap.before[:12]} was missed, seen {write(gap.at)}"
        for page in pages
        for gap in page.gaps
    ]
    facts = {
        page.repository_name: [gap.model_dump(mode="json") for gap in page.gaps]
        for page in pages
        if page.gaps
    }
    return Part("gaps", tuple(lines) or ("none",), facts=facts)


def _repositories(pages: Sequence[Projection]) -> Part:
    shown = pages[:_REPOSITORIES_SHOWN]
    width = max((len(page.repository_name) for page in shown), default=0)
    lines = [
        f"{page.repository_name:<{width}}  {count(page.pushes, 'push', 'pushes')}, "
        f"{count(page.snapshots, 'snapshot')}, {count(len(page.standing_patterns), 'pattern')}, "
        f"last {ago(page.last_updated)}"
        for page in shown
    ]
    if len(pages) > len(shown):
        lines.append(f"and {len(pages) - len(shown)} that changed earlier")
    facts = {
        page.repository_name: {
            "id": page.repository_id,
            "pushes": page.pushes,
            "snapshots": page.snapshots,
            "patterns": len(page.standing_patterns),
            "last_updated": write(page.last_updated),
        }
        for page in pages
    }
    return Part("repositories", tuple(lines) or ("none yet",), facts=facts)
