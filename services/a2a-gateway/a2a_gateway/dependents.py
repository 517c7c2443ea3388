"""Who depends on a repository: what manifests show, and what was declared, each with where it comes from."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace

from a2a_gateway.deployment import Relationship, Source
from a2a_gateway.reading import Reading
from devnexus.knowledge.consumers import relationships
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.projection import Projection
from devnexus.schema_v2 import DependencyRelationship


@dataclass(frozen=True)
class KnownDependent:
    """A repository that depends on another."""

    repository: str
    relationship: Relationship
    told_by: tuple[Source, ...]
    evidence: str | None
    """The line of a manifest that says so."""
    said: DependencyRelationship
    """As it was declared, else as the manifest tells it."""


def known_dependents(page: Projection, knowledge: Reading) -> Sequence[KnownDependent]:
    """Each repository and relationship once: what manifests say with their line first, then the others.

    A declaration that names a repository which is not shown to this caller is left out.
    """
    found: dict[tuple[str, Relationship], KnownDependent] = {}
    for one in _told(page, knowledge):
        key = (one.repository.casefold(), one.relationship)
        found[key] = _both(found[key], one) if key in found else one
    hidden = _hidden(knowledge) if any("declaration" in one.told_by for one in found.values()) else ()
    return [one for one in found.values() if projection_path(one.repository).lower() not in hidden]


def _told(page: Projection, knowledge: Reading) -> Iterable[KnownDependent]:
    for use in relationships(knowledge.uses.get(page.repository_id, ())):
        yield KnownDependent(use.target_repo, "consumer", ("manifest",), use.notes, use)
    for declared in page.dependencies.consumers:
        yield KnownDependent(declared.target_repo, "consumer", ("declaration",), None, declared)
    for declared in page.dependencies.derivatives:
        yield KnownDependent(declared.target_repo, "derivative", ("declaration",), None, declared)


def _both(first: KnownDependent, then: KnownDependent) -> KnownDependent:
    """Of two that tell the same the one, where what was declared last says more than a manifest."""
    told_by = tuple(dict.fromkeys((*first.told_by, *then.told_by)))
    return replace(first, told_by=told_by, said=then.said)


def _hidden(knowledge: Reading) -> Set[str]:
    """The pages, in lower case, of the repositories that are known and not shown to this caller."""
    view = knowledge.view
    return {path.lower() for path in view.raw} - {path.lower() for path in view.pages}
