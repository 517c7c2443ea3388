"""One repository as a v2 file has it: what an import brought, with what became known since."""

from collections.abc import Iterable
from typing import Any

from devnexus.events import PatternsExtracted, Record
from devnexus.knowledge.analyses import effective
from devnexus.knowledge.consumers import Use, relationships
from devnexus.knowledge.fold import RepositoryState, state_of
from devnexus.knowledge.history import merge
from devnexus.knowledge.order import in_order
from devnexus.knowledge.projection import Projection
from devnexus.schema_v2 import Component, PatternEntry


def exported(records: Iterable[Record], uses: Iterable[Use] = ()) -> tuple[str, dict[str, Any]] | None:
    """Today's name of a repository and v2's RepositoryMetadata of it, as JSON; None where it is hidden.

    `uses` are of what it publishes: their repositories are its consumers, beside those that were told.
    What nothing was added to since its import comes back as it was. Every push and snapshot is an entry of
    `history`, with the names of the patterns that stood then.
    """
    ordered = in_order(effective(merge((), records)))
    if not ordered:
        return None
    state = state_of(ordered)
    entries: list[PatternEntry] = []
    for record in ordered:
        state.apply(record)
        if isinstance(record, PatternsExtracted):
            entries.append(state.entry())
    if state.removed or state.adopter:
        return None
    history = [*state.told.history(), *(entry.model_dump(mode="json") for entry in entries)]
    imported = state.told.imported
    if imported is not None and not entries and not state.told.anything:
        return state.name, {**imported, "history": history}
    return state.name, {**(imported or {}), **_sections(state, uses), "history": history}


def _sections(state: RepositoryState, uses: Iterable[Use]) -> dict[str, Any]:
    page = state.project()
    content = page.model_dump(
        mode="json",
        include={
            "latest_patterns",
            "deployment",
            "testing",
            "security",
            "repository_url",
            "primary_language",
            "created_at",
            "last_updated",
            "runtime_issues",
            "production_metrics",
        },
    )
    told: dict[str, Any] = {  # all of it, where a page shows the newest
        "deployment": state.deployment().model_dump(mode="json"),
        "runtime_issues": [issue.model_dump(mode="json") for issue in state.told.runtime_issues()],
    }
    told["dependencies"] = _dependencies(page, uses)
    return {**content, **told, "components": _components(page)}


def _dependencies(page: Projection, uses: Iterable[Use]) -> dict[str, Any]:
    told = page.dependencies.consumers
    known = {one.target_repo.casefold() for one in told}
    derived = (one for one in relationships(uses) if one.target_repo.casefold() not in known)
    return page.dependencies.model_copy(update={"consumers": (*told, *derived)}).model_dump(mode="json")


def _components(page: Projection) -> list[dict[str, Any]]:
    own = [one.model_dump(mode="json", include=set(Component.model_fields)) for one in page.components]
    names = {one["name"] for one in own}
    return own + [one.model_dump(mode="json") for one in page.imported_components if one.name not in names]
