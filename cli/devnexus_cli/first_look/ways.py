"""One thing that the repositories do in several ways: the same pattern by different packages."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from devnexus.alike import sentences
from devnexus.alike.ways import WORTH, Kind, Way, are_one, ways_of
from devnexus.events.similarity_computed import Place
from devnexus.knowledge.projection import Projection
from devnexus_cli.first_look.remark import Remark, Spot
from extractor.roles import Role, role_of


def several_ways(projections: Sequence[Projection]) -> Iterator[Remark]:
    """One remark for each pattern that two repositories of one ecosystem have no package in common for."""
    ways: dict[Kind, dict[str, list[Way]]] = defaultdict(lambda: defaultdict(list))
    names: dict[str, str] = {}
    for projection in projections:
        names.update((id_, pattern.name) for id_, pattern in projection.standing_patterns.items())
        for kind, some in ways_of(projection).items():
            if needed := [
                way for way in some.values() if role_of(way.place.path) in {Role.SOURCE, Role.CONFIG}
            ]:
                ways[kind][projection.repository_name].extend(needed)
    for (pattern, _), by_repository in sorted(ways.items()):
        yield from _remarks(pattern, names[pattern], by_repository)


def _remarks(pattern: str, name: str, by_repository: Mapping[str, Sequence[Way]]) -> Iterator[Remark]:
    """About the first two repositories that do it differently."""
    ordered = sorted(by_repository.items())
    for at, (repository, ours) in enumerate(ordered):
        for other, theirs in ordered[at + 1 :]:
            if not any(are_one(one.package, another.package) for one in ours for another in theirs):
                yield Remark(
                    kind="ways",
                    worth=WORTH[pattern],
                    text=f"{name} in two ways: {_told(repository, ours[0])}, {_told(other, theirs[0])}",
                    repository=repository,
                    here=_spot(repository, ours[0].place),
                    sister=_spot(other, theirs[0].place),
                )
                return


def _told(repository: str, way: Way) -> str:
    return f"{repository} with {way.package} ({sentences.place(way.place)})"


def _spot(repository: str, place: Place) -> Spot:
    return Spot(repository=repository, path=place.path, start=place.start, end=place.end)
