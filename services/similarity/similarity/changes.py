"""What is told of a repository that a commit of knowledge changed."""

from collections.abc import Callable, Sequence
from itertools import islice

from devnexus.alike.bag import short, strongest_place
from devnexus.alike.copied import Pair
from devnexus.alike.copies import shared_component
from devnexus.alike.index import WORTH_NAMING
from devnexus.alike.reasons import named
from devnexus.alike.responsible import Responsible
from devnexus.events import PatternsExtracted
from devnexus.events.patterns_extracted import ChangedFile
from devnexus.events.similarity_computed import Alike, Copy, Named, PatternChange, Place, Push
from devnexus.knowledge.brought import last_push, recent_record
from devnexus.knowledge.projection import (
    SHOWN_FILES,
    Brought,
    LastPush,
    Projection,
    RecentRecord,
    StandingPattern,
)
from devnexus.repository import RepositoryId

_PATTERNS_TOLD = 100
_COPIES_TOLD = 10
_KEYWORDS_TOLD = 20
_LONGEST_MESSAGE = 200
_CLOSER = 1.5
"""By less than half scores change from push to push, and who is among five with them."""


def new_patterns(
    here: Projection, old: Projection | None, responsible: Responsible
) -> tuple[PatternChange, ...]:
    """Those that stand in `here` and not in `old`, at most 100."""
    known = old.standing_patterns if old else {}
    new = ((id_, pattern) for id_, pattern in here.standing_patterns.items() if id_ not in known)
    return tuple(_told(id_, pattern, responsible) for id_, pattern in islice(new, _PATTERNS_TOLD))


def touched_patterns(
    here: Projection, old: Projection | None, responsible: Responsible
) -> tuple[PatternChange, ...]:
    """Those that stand in both, and of which something was seen since; at most 100."""
    known = old.standing_patterns if old else {}
    touched = (
        (id_, pattern)
        for id_, pattern in here.standing_patterns.items()
        if id_ in known and pattern.last_seen != known[id_].last_seen
    )
    return tuple(_told(id_, pattern, responsible) for id_, pattern in islice(touched, _PATTERNS_TOLD))


def entered(
    found: Sequence[Alike], earlier: Sequence[Named], was: Callable[[RepositoryId], float]
) -> tuple[Named, ...]:
    """Those of `found` that were not among the most alike, and have come closer than they were.

    Who is among them only since others are not was as much alike before.
    """
    known = {one.id for one in earlier}
    new = (one for one in found if one.repository.id not in known)
    return tuple(one.repository for one in new if _is_closer(one.score, was(one.repository.id)))


def left(
    found: Sequence[Alike], earlier: Sequence[Named], likeness: Callable[[RepositoryId], float]
) -> tuple[Named, ...]:
    """Those that were among the most alike, and are not alike any more; not who is only the sixth now."""
    known = {one.repository.id for one in found}
    return tuple(one for one in earlier if one.id not in known and likeness(one.id) < WORTH_NAMING)


def copies(pairs: Sequence[Pair], entered: Sequence[Alike], responsible: Responsible) -> tuple[Copy, ...]:
    """The first of `pairs` of which the repositories that have become alike do not tell already."""
    told = {(alike.repository.id, _key(one.here)) for alike in entered for one in alike.components}
    found: list[Copy] = []
    for pair in pairs:
        shared = shared_component(pair.component, pair.counterpart, pair.likeness)
        if len(found) < _COPIES_TOLD and (pair.there.repository_id, _key(shared.here)) not in told:
            owners = responsible.of(shared.here)
            found.append(Copy(repository=named(pair.there), component=shared, owners=owners))
    return tuple(found)


def push_of(
    here: Projection, old: Projection | None, pushes: Sequence[Sequence[PatternsExtracted]]
) -> Push | None:
    """The newest of `pushes` with the files of all; without any, the one that brought `here`.

    None where that is no push, or was there before.
    """
    if pushes:
        return _newest(here, pushes)
    newest = here.recent[0] if here.recent else None
    known = old.recent[0] if old and old.recent else None
    if newest is None or newest.subject != "push" or (known and newest.record_id == known.record_id):
        return None
    return _push(here, here.last_push, newest)


def _newest(here: Projection, pushes: Sequence[Sequence[PatternsExtracted]]) -> Push:
    files = {file.path: file.status for push in pushes for part in push for file in part.files}
    newest = pushes[-1][0]
    shown = last_push(newest)
    first = dict(sorted(files.items())[:SHOWN_FILES])
    return _push(here, shown and shown.model_copy(update={"files": first}), recent_record(newest, Brought()))


def _push(here: Projection, last: LastPush | None, record: RecentRecord) -> Push:
    files = last.files if last else {}
    return Push(
        branch=last.branch if last else here.default_branch,
        commit=record.after,
        author=record.author and record.author[:_LONGEST_MESSAGE],
        message=record.message and record.message[:_LONGEST_MESSAGE],
        files=tuple(ChangedFile(path=short(path), status=status) for path, status in files.items()),
        keywords=here.latest_patterns.keywords[:_KEYWORDS_TOLD],
    )


def _is_closer(now: float, was: float) -> bool:
    return was < WORTH_NAMING or now >= _CLOSER * was


def _told(id_: str, pattern: StandingPattern, responsible: Responsible) -> PatternChange:
    place = strongest_place(pattern)
    return PatternChange(
        id=id_,
        name=pattern.name,
        confidence=pattern.confidence,
        place=place,
        category=pattern.category,
        owners=responsible.of(place),
    )


def _key(place: Place) -> tuple[str, int]:
    return place.path, place.start
