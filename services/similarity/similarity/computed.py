"""What is published of one repository at a revision."""

from collections.abc import Sequence
from typing import NamedTuple

from devnexus.alike.affected import Affected
from devnexus.alike.exceptions import Exceptions
from devnexus.alike.reasons import named
from devnexus.alike.responsible import Responsible
from devnexus.events import KnowledgeCommitted, SimilarityComputed
from devnexus.events.event import Cause
from devnexus.events.similarity_computed import Named
from devnexus.knowledge.differing import Pages
from devnexus.knowledge.projection import Projection
from devnexus.people.organisation import Organisation
from similarity.because import Bystander
from similarity.changes import copies, entered, left, new_patterns, push_of, touched_patterns
from similarity.connections import Connected
from similarity.indexes import Known
from similarity.pushes import Pushes

_NOBODY = Affected()
_EXCEPTIONS_TOLD = 50


class Before(NamedTuple):
    """What there was to say of a repository before the commit."""

    page: Projection | None = None
    alike: Sequence[Named] = ()
    exceptions: Exceptions = Exceptions()
    pages: Pages = {}
    """Of every repository."""


def computed(
    event: KnowledgeCommitted,
    cause: Cause,
    here: Projection,
    known: Known,
    before: Before,
    connected: Connected,
    pushes: Pushes,
) -> SimilarityComputed:
    """What is true of a repository that the commit changed, and what of it was not so before."""
    old, found = before.page, known.alike(here)
    responsible = Responsible(here, known.view.people.organisation)
    new = entered(found, before.alike, lambda id_: known.likeness(old, before.pages.get(id_)))
    pairs = connected.copies.get(here.repository_id, ())
    exceptions = _owned(known.exceptions(here).beyond(before.exceptions), responsible)
    affected = connected.affected.get(here.repository_id, _NOBODY)
    return SimilarityComputed(
        cause=cause,
        hops=event.hops,
        revision=event.revision,
        parent=event.parent,
        repository=named(here),
        url=here.repository_url,
        commit=here.latest_patterns.commit_sha,
        quiet=here.quiet,
        at=here.last_updated,
        alike=found,
        entered=new,
        left=left(found, before.alike, lambda id_: known.likeness(here, known.view.repositories.get(id_))),
        introduced=new_patterns(here, old, responsible),
        gone=new_patterns(old, here, responsible) if old else (),
        touched=touched_patterns(here, old, responsible),
        not_read=here.last_receipt.not_read if here.last_receipt else (),
        missing=exceptions.missing,
        variants=exceptions.variants,
        copies=copies(pairs, [one for one in found if one.repository in new], responsible),
        changed=affected.changed,
        consumers=affected.consumers,
        consumer_count=affected.count,
        push=push_of(here, old, pushes.get(here.repository_id, ())),
        first=here.snapshots > 0 and (old is None or old.snapshots == 0),
        owners=responsible.of_all(),
    )


def computed_because(
    event: KnowledgeCommitted, other: Bystander, organisation: Organisation
) -> SimilarityComputed:
    """What another repository's push made true of one that the commit did not change."""
    here = other.page
    responsible = Responsible(here, organisation)
    new = _owned(other.exceptions, responsible)
    return SimilarityComputed(
        cause="live",
        hops=event.hops,
        revision=event.revision,
        parent=event.parent,
        repository=named(here),
        url=here.repository_url,
        commit=here.latest_patterns.commit_sha,
        quiet=here.quiet,
        at=other.because.last_updated,
        missing=new.missing,
        variants=new.variants,
        because=named(other.because),
        owners=responsible.of_all(),
    )


def _owned(exceptions: Exceptions, responsible: Responsible) -> Exceptions:
    """The first of them, each with who looks after what it is about."""
    everything = responsible.of_all()
    return Exceptions(
        tuple(one.model_copy(update={"owners": everything}) for one in exceptions.missing[:_EXCEPTIONS_TOLD]),
        tuple(
            one.model_copy(update={"owners": responsible.of(one.here)})
            for one in exceptions.variants[:_EXCEPTIONS_TOLD]
        ),
    )
