"""Code that stands in two of the repositories, the same or nearly."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import combinations

from devnexus.alike import sentences
from devnexus.alike.copies import shared_components
from devnexus.alike.reasons import named
from devnexus.events.similarity_computed import Place, SharedComponent
from devnexus.knowledge.projection import Projection
from devnexus_cli.first_look.remark import Remark, Spot
from extractor.roles import Role, role_of

_BUILD_SCRIPTS = frozenset(
    "noxfile.py setup.py conftest.py conf.py manage.py tasks.py fabfile.py versioneer.py env.py".split()
)
"""Files that every project has: what is copied there costs less than what is copied of the product."""

_MANY_LINES = 100


LastChanged = Callable[[Projection, Place], datetime | None]
"""When these lines of a repository last changed; None where that cannot be told."""


def copies(projections: Sequence[Projection], last_changed: LastChanged) -> Iterator[Remark]:
    """One remark for each two files with code in common, about the largest piece of it."""
    for here, there in combinations(projections, 2):
        by_files: dict[tuple[str, str], list[SharedComponent]] = {}
        for shared in shared_components(here, there):
            if _is_product(shared.here.path) and _is_product(shared.there.path):
                by_files.setdefault((shared.here.path, shared.there.path), []).append(shared)
        for found in by_files.values():
            yield _remark(here, there, found, last_changed)


def _remark(
    here: Projection, there: Projection, found: Sequence[SharedComponent], last_changed: LastChanged
) -> Remark:
    largest = max(found, key=lambda shared: (_lines(shared.here), shared.name))
    ours, theirs = named(here), named(there)
    dated = _dated(largest, last_changed(here, largest.here), last_changed(there, largest.there))
    text = f"{ours.name}: {sentences.copy(ours, theirs, dated)}"
    if len(found) > 1:
        text += f"; so is {_others(found, largest)} in these files"
    return Remark(
        kind="copy",
        worth=_worth(found, largest),
        text=text,
        repository=ours.name,
        here=_spot(ours.name, largest.here),
        sister=_spot(theirs.name, largest.there),
    )


def _dated(shared: SharedComponent, here: datetime | None, there: datetime | None) -> SharedComponent:
    """`shared`, and which side changed last."""
    if here is None or there is None or here == there:
        return shared
    return shared.model_copy(
        update={
            "changed_last": "here" if here > there else "there",
            "changed_at": max(here, there),
            "other_known": True,
        }
    )


def _worth(found: Sequence[SharedComponent], largest: SharedComponent) -> float:
    """More lines cost more; copies that have drifted apart cost most, since a mend reaches only one."""
    lines = min(sum(_lines(shared.here) for shared in found), _MANY_LINES)
    worth = 0.45 + 0.35 * lines / _MANY_LINES + (0.1 if largest.likeness < 1 else 0.0)
    name = largest.here.path.rsplit("/", 1)[-1]
    return round(worth * (0.8 if name in _BUILD_SCRIPTS else 1.0), 3)


def _others(found: Sequence[SharedComponent], largest: SharedComponent) -> str:
    others = [shared.name for shared in found if shared is not largest]
    return others[0] if len(others) == 1 else f"{others[0]} and {len(others) - 1} more"


def _is_product(path: str) -> bool:
    return role_of(path) in {Role.SOURCE, Role.CONFIG, Role.CI}


def _lines(place: Place) -> int:
    return place.end - place.start + 1


def _spot(repository: str, place: Place) -> Spot:
    return Spot(repository=repository, path=place.path, start=place.start, end=place.end)
