"""Who depends on a repository: what manifests show, and what was declared, each with where it comes from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from a2a_gateway.knowledge.reading import Reading
from devnexus.knowledge.consumers import relationships
from devnexus.knowledge.projection import Projection
from devnexus.schema_v2 import DependencyRelationship

Relationship = Literal["consumer", "derivative"]
Source = Literal["orchestrator", "manifest", "declaration"]
"""Who says so."""


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
    """Each repository and relationship once: what manifests say with their line first, then the others."""
    found: dict[tuple[str, Relationship], KnownDependent] = {}
    for one in _told(page, knowledge):
        key = (one.repository.casefold(), one.relationship)
        found[key] = _both(found[key], one) if key in found else one
    return [*found.values()]


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
