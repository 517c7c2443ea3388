"""The components that a repository has now, since when, and when their code last changed."""

import heapq
from collections import defaultdict
from dataclasses import dataclass

from devnexus.events.patterns_extracted import Component, FileReading, PatternsExtracted
from devnexus.knowledge.projection import SHOWN_COMPONENTS, SHOWN_REUSABLE, Seen, StandingComponent
from devnexus.schema_v2 import ReusableComponent
from devnexus.timestamps import Timestamp


@dataclass(frozen=True)
class _Standing:
    """One component as it is, with what is remembered of it."""

    component: Component
    language: str
    first_seen: Timestamp
    changed: Seen | None
    commit: str


class StandingComponents:
    """Path by path, the components of one repository; `take` each record once, in order."""

    def __init__(self) -> None:
        self._by_path: dict[str, dict[str, _Standing]] = defaultdict(dict)

    def take(self, record: PatternsExtracted) -> None:
        """Let what `record` read take the place of what was known of its paths, of all paths for a tree."""
        paths = list(self._by_path) if record.coverage == "tree" else [file.path for file in record.files]
        before = {path: self._by_path.pop(path) for path in paths if path in self._by_path}
        moved = {
            (one.component.name, one.component.digest): one
            for by_name in before.values()
            for one in by_name.values()
        }
        for file in record.files:
            for component in file.components:
                known = before.get(file.path, {}).get(component.name)
                known = known or moved.get((component.name, component.digest))
                self._by_path[file.path][component.name] = _standing(component, known, file, record)

    def reusable(self) -> tuple[ReusableComponent, ...]:
        """The largest ones that say what they are for, as v2 lists them; at most 10."""
        documented = (
            (path, one)
            for path, by_name in self._by_path.items()
            for one in by_name.values()
            if one.component.description
        )
        largest = heapq.nsmallest(SHOWN_REUSABLE, documented, key=_size_and_position)
        return tuple(
            ReusableComponent(
                name=one.component.name,
                description=one.component.description,
                language=one.language,
                files=(path,),
            )
            for path, one in largest
        )

    def project(self, repository: str) -> tuple[StandingComponent, ...]:
        """The largest of them, by path and line."""
        found = [(path, standing) for path, by_name in self._by_path.items() for standing in by_name.values()]
        found.sort(key=_size_and_position)
        shown = sorted(found[:SHOWN_COMPONENTS], key=_position)
        return tuple(_projected(path, standing, repository) for path, standing in shown)


def _size_and_position(item: tuple[str, _Standing]) -> tuple[int, str, int, str]:
    component = item[1].component
    return component.start - component.end, *_position(item)


def _position(item: tuple[str, _Standing]) -> tuple[str, int, str]:
    path, standing = item
    return path, standing.component.start, standing.component.name


def _standing(
    component: Component, known: _Standing | None, file: FileReading, record: PatternsExtracted
) -> _Standing:
    if known is None:
        changed = None
    elif known.component.digest == component.digest:
        changed = known.changed
    else:
        changed = Seen(commit=record.after, at=record.at)
    return _Standing(
        component=component,
        language=file.language or "unknown",
        first_seen=known.first_seen if known else record.at,
        changed=changed,
        commit=record.after,
    )


def _projected(path: str, standing: _Standing, repository: str) -> StandingComponent:
    component = standing.component
    return StandingComponent(
        component_id=f"{path}:{component.name}",
        name=component.name,
        component_type=component.kind,
        repository=repository,
        language=standing.language,
        files=(path,),
        description=component.description or None,
        public_methods=component.public_methods,
        lines_of_code=component.end - component.start + 1,
        first_seen=standing.first_seen,
        start=component.start,
        end=component.end,
        changed=standing.changed,
        commit=standing.commit,
        digest=component.digest,
        sketch=component.sketch,
    )
