"""What Cloud Run says of a service or a worker pool, as a value.

gcloud describes in the words of the first API (`status.traffic`, `revisionName`) or of the second
(`trafficStatuses`, `revision`), depending on its version and on what is described: either is read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from rollout.errors import Failed

T = TypeVar("T")

_SHARES = (
    ("status", "traffic"),
    ("trafficStatuses",),
    ("status", "instanceSplits"),
    ("instanceSplitStatuses",),
)
_LATEST = (("status", "latestCreatedRevisionName"), ("latestCreatedRevision",))
_CONTAINERS = (("spec", "template", "spec", "containers"), ("template", "containers"))
_URL = (("status", "url"), ("uri",))
_READY = (("status", "latestReadyRevisionName"), ("latestReadyRevision",))
_INGRESS = (("metadata", "annotations", "run.googleapis.com/ingress"), ("ingress",))
_EVERYBODY = {"all", "INGRESS_TRAFFIC_ALL"}


@dataclass(frozen=True)
class Described:
    """What serves, and what was deployed last, which need not be the same."""

    shares: Mapping[str, int]
    """Revision → its percentage of requests or instances."""
    latest: str
    image: str
    """That of the latest revision."""
    ready: str = ""
    """The newest revision whose container started and passed its startup probe."""
    url: str = ""
    reached_by_all: bool = True
    """Whether its own addresses answer whoever comes, and not only a load balancer, Pub/Sub or Scheduler."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Tag → the address of its revision."""

    def serves_alone(self, image: str) -> bool:
        """Whether `image` has everything, with the configuration as it is now."""
        return self.shares == {self.latest: 100} and self.image == image


def described(answer: object) -> Described:
    """The answer of `gcloud run … describe`; raise Failed where it is not one that we understand."""
    rows = [row for row in _first(answer, _SHARES, list) or () if isinstance(row, Mapping)]
    containers = _first(answer, _CONTAINERS, list) or [{}]
    ready = _name(_first(answer, _READY, str))
    found = Described(
        shares=dict(_shares(rows, ready)),
        latest=_name(_first(answer, _LATEST, str)),
        image=str(containers[0].get("image", "")),
        ready=ready,
        url=_first(answer, _URL, str) or "",
        reached_by_all=(_first(answer, _INGRESS, str) or "all") in _EVERYBODY,
        tags={str(row["tag"]): str(row.get("url") or row.get("uri") or "") for row in rows if row.get("tag")},
    )
    if sum(found.shares.values()) != 100 or not found.latest:
        raise Failed(f"Cloud Run's answer does not say what serves: {found.shares or 'nothing'}")
    return found


def _shares(rows: list[Mapping[str, object]], ready: str) -> Iterator[tuple[str, int]]:
    """The share of the latest revision has no name in the second API: it is the newest that is ready."""
    together: dict[str, int] = {}
    for row in rows:
        named = _name(row.get("revisionName") or row.get("revision"))
        revision = named or (ready if str(row.get("type", "")).endswith("_LATEST") else "")
        percent = row.get("percent")
        if revision and isinstance(percent, int) and percent:
            together[revision] = together.get(revision, 0) + percent
    yield from together.items()


def _name(revision: object) -> str:
    return str(revision or "").rpartition("/")[2]


def _first(answer: object, paths: tuple[tuple[str, ...], ...], kind: type[T]) -> T | None:
    for path in paths:
        found = answer
        for step in path:
            found = found.get(step) if isinstance(found, Mapping) else None
        if isinstance(found, kind):
            return found
    return None
