"""Who uses what another repository publishes: a manifest names the package, another asks for it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Set

from devnexus.knowledge.differing import Pages, differences
from devnexus.knowledge.projection import DeclaredDependency, Projection, PublishedPackage
from devnexus.repository import RepositoryId
from devnexus.schema_v2 import DependencyRelationship
from devnexus.values import Value

Key = tuple[str, str]
"""Ecosystem and name of a package."""

_ANY_CASE = frozenset({"pypi", "nuget", "composer"})


class Use(Value):
    """One package that one repository publishes and another asks for, and both lines that say so."""

    consumer: RepositoryId
    consumer_name: str
    published: PublishedPackage
    asked: DeclaredDependency

    def relationship(self) -> DependencyRelationship:
        """The same as v2 tells it."""
        published, asked = self.published, self.asked
        return DependencyRelationship(
            target_repo=self.consumer_name,
            relationship_type="consumer",
            dependency_strength="weak" if asked.group else "strong",
            notes=f"{asked.path}:{asked.line} asks for {asked.name} of {published.path}:{published.line}",
        )


class Uses:
    """Who uses what, among the pages that it last moved to; moving costs what differs between them.

    A package that two of these repositories publish says nothing: which of them is meant is not known.
    """

    def __init__(self) -> None:
        self._pages: Pages = {}
        self._publishing: dict[Key, set[RepositoryId]] = defaultdict(set)
        self._asking: dict[Key, set[RepositoryId]] = defaultdict(set)

    def move_to(self, pages: Pages) -> None:
        """Let `pages` be what is known."""
        for was, now in differences(self._pages, pages):
            if was:
                _take_out(self._publishing, was.published_packages, was.repository_id)
                _take_out(self._asking, was.declared_dependencies, was.repository_id)
            if now:
                _put_in(self._publishing, now.published_packages, now.repository_id)
                _put_in(self._asking, now.declared_dependencies, now.repository_id)
        self._pages = pages

    def of(self, publisher: RepositoryId) -> tuple[Use, ...]:
        """Who uses the packages of a repository, by the consumer's name."""
        own = {
            key: package
            for package in reversed(self._pages[publisher].published_packages)  # the first of a key counts
            if self._publishing[key := _key(package)] == {publisher}
        }
        asking = {id_ for key in own for id_ in self._asking.get(key, ())} - {publisher}
        pages = sorted(
            (self._pages[id_] for id_ in asking), key=lambda page: (page.repository_name, page.repository_id)
        )
        return tuple(
            Use(
                consumer=page.repository_id,
                consumer_name=page.repository_name,
                published=own[_key(asked)],
                asked=asked,
            )
            for page in pages
            for asked in page.declared_dependencies
            if _key(asked) in own
        )

    def used_by(self, consumer: RepositoryId) -> Set[RepositoryId]:
        """The repositories whose packages one asks for."""
        found: set[RepositoryId] = set()
        for asked in self._pages[consumer].declared_dependencies:
            publishing = self._publishing.get(_key(asked), set())
            if len(publishing) == 1:
                found |= publishing
        return found - {consumer}


def uses(pages: Collection[Projection]) -> dict[RepositoryId, tuple[Use, ...]]:
    """Publisher → who uses its packages, as `Uses.of` tells it."""
    known = Uses()
    known.move_to({page.repository_id: page for page in pages})
    return {
        page.repository_id: some
        for page in pages
        if page.published_packages and (some := known.of(page.repository_id))
    }


def relationships(uses: Iterable[Use]) -> tuple[DependencyRelationship, ...]:
    """One for each consumer: the strongest that its manifests tell of."""
    by_consumer: dict[str, DependencyRelationship] = {}
    for use in sorted(uses, key=lambda use: bool(use.asked.group)):
        by_consumer.setdefault(use.consumer_name, use.relationship())
    return tuple(by_consumer[name] for name in sorted(by_consumer))


def _put_in(
    index: dict[Key, set[RepositoryId]],
    packages: Iterable[PublishedPackage | DeclaredDependency],
    repository: RepositoryId,
) -> None:
    for package in packages:
        index[_key(package)].add(repository)


def _take_out(
    index: dict[Key, set[RepositoryId]],
    packages: Iterable[PublishedPackage | DeclaredDependency],
    repository: RepositoryId,
) -> None:
    for key in {_key(package) for package in packages}:
        index[key].discard(repository)
        if not index[key]:
            del index[key]


def _key(package: PublishedPackage | DeclaredDependency) -> Key:
    name = package.name.casefold() if package.ecosystem in _ANY_CASE else package.name
    return package.ecosystem, name
