"""Who uses what another repository publishes: a manifest names the package, another asks for it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

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


def uses(pages: Collection[Projection]) -> dict[RepositoryId, tuple[Use, ...]]:
    """Publisher → who uses its packages, by the consumer's name.

    A package that two of these repositories publish says nothing: which of them is meant is not known.
    """
    publishers = _publishers(pages)
    found: dict[RepositoryId, list[Use]] = defaultdict(list)
    for page in sorted(pages, key=lambda page: (page.repository_name, page.repository_id)):
        for asked in page.declared_dependencies:
            published = publishers.get(_key(asked), {})
            if len(published) == 1 and page.repository_id not in published:
                ((publisher, package),) = published.items()
                use = Use(
                    consumer=page.repository_id,
                    consumer_name=page.repository_name,
                    published=package,
                    asked=asked,
                )
                found[publisher].append(use)
    return {publisher: tuple(some) for publisher, some in found.items()}


def relationships(uses: Iterable[Use]) -> tuple[DependencyRelationship, ...]:
    """One for each consumer: the strongest that its manifests tell of."""
    by_consumer: dict[str, DependencyRelationship] = {}
    for use in sorted(uses, key=lambda use: bool(use.asked.group)):
        by_consumer.setdefault(use.consumer_name, use.relationship())
    return tuple(by_consumer[name] for name in sorted(by_consumer))


def _publishers(pages: Iterable[Projection]) -> Mapping[Key, Mapping[RepositoryId, PublishedPackage]]:
    found: dict[Key, dict[RepositoryId, PublishedPackage]] = defaultdict(dict)
    for page in pages:
        for package in page.published_packages:
            found[_key(package)].setdefault(page.repository_id, package)
    return found


def _key(package: PublishedPackage | DeclaredDependency) -> Key:
    name = package.name.casefold() if package.ecosystem in _ANY_CASE else package.name
    return package.ecosystem, name
