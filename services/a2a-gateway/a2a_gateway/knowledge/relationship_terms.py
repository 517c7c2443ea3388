"""How a repository depends on another, in the fields by which the orchestrator judges a change."""

from collections.abc import Mapping

from a2a_gateway.answer import Part
from a2a_gateway.knowledge.dependents import KnownDependent, Source
from devnexus.schema_v2 import DependencyRelationship
from devnexus.timestamps import Timestamp

_LISTED = 100
_LONGEST = 2000


class Terms(Part):
    """What was told of a relationship; what nobody told is empty."""

    relationship_type: str
    dependency_strength: str
    sync_strategy: str | None
    notes: str | None
    last_synced: Timestamp | None
    description: str | None
    interface_files: list[str]
    """The files whose changes the other one feels."""
    change_triggers: list[str]
    """What kinds of change concern it: api_contract, authentication, deployment, configuration, endpoints."""
    urgency_mapping: dict[str, str]
    """Kind of change → how urgent it is."""
    shared_concerns: list[str]
    divergent_concerns: list[str]


class DependentRepository(Terms):
    """A repository that depends on this one, under every field by which callers look for its name."""

    repo: str
    name: str
    repository: str
    target_repo: str
    told_by: tuple[Source, ...]
    """`manifest`: the line in `evidence` says so; `declaration`: somebody who may write said so."""
    evidence: str | None
    metadata: Terms
    """The same terms once more, where the orchestrator's client puts them."""


def dependent_repository(known: KnownDependent) -> DependentRepository:
    """A dependent as this answer tells of it."""
    terms, name = _terms(known.said), known.repository
    return DependentRepository(
        **dict(terms),
        repo=name,
        name=name,
        repository=name,
        target_repo=name,
        told_by=known.told_by,
        evidence=known.evidence,
        metadata=terms,
    )


def _terms(said: DependencyRelationship) -> Terms:
    return Terms(
        relationship_type=said.relationship_type,
        dependency_strength=said.dependency_strength,
        sync_strategy=said.sync_strategy,
        notes=said.notes,
        last_synced=said.last_synced,
        description=_text(said, "description"),
        interface_files=_texts(said, "interface_files"),
        change_triggers=_texts(said, "change_triggers"),
        urgency_mapping=_by_kind(said, "urgency_mapping"),
        shared_concerns=_texts(said, "shared_concerns"),
        divergent_concerns=_texts(said, "divergent_concerns"),
    )


def _text(said: DependencyRelationship, field: str) -> str | None:
    value: object = getattr(said, field, None)
    return value[:_LONGEST] if isinstance(value, str) else None


def _texts(said: DependencyRelationship, field: str) -> list[str]:
    """Of what an import may have brought in any shape, the texts."""
    value: object = getattr(said, field, None)
    some = value if isinstance(value, list | tuple) else ()
    return [text[:_LONGEST] for text in some[:_LISTED] if isinstance(text, str)]


def _by_kind(said: DependencyRelationship, field: str) -> dict[str, str]:
    value: object = getattr(said, field, None)
    if not isinstance(value, Mapping):
        return {}
    return {str(key): text[:_LONGEST] for key, text in [*value.items()][:_LISTED] if isinstance(text, str)}
