"""Why two repositories are alike, with the lines on both sides."""

from devnexus.alike.bag import Term, bag_of, places_of
from devnexus.alike.copies import shared_components
from devnexus.alike.index import MOST_ALIKE, Index
from devnexus.events.similarity_computed import Alike, Named, Overlap, SharedTerm
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.view import View
from devnexus.repository import RepositoryId

_TERMS_SHOWN = 10


def named(projection: Projection) -> Named:
    """A repository's id and name."""
    return Named(id=projection.repository_id, name=projection.repository_name)


def explain(here: Projection, there: Projection, index: Index) -> Alike:
    """How alike two repositories are by the weights of an index, and what they share."""
    bag, other_bag = bag_of(here), bag_of(there)
    shared = index.shared(bag, other_bag)
    ours, theirs = places_of(here), places_of(there)
    return Alike(
        repository=named(there),
        score=index.score(bag, other_bag),
        overlap=Overlap(
            keywords=sum(term.kind == "keyword" for term in shared),
            patterns=sum(term.kind == "pattern" for term in shared),
            dependencies=sum(term.kind == "dependency" for term in shared),
        ),
        shared=tuple(
            SharedTerm(
                kind=term.kind,
                term=term.key,
                name=_name(term, here),
                weight=round(index.weight(term), 3),
                here=ours.get(term),
                there=theirs.get(term),
            )
            for term in shared[:_TERMS_SHOWN]
        ),
        components=shared_components(here, there),
    )


def most_alike(view: View, index: Index, here: Projection, *, most: int = MOST_ALIKE) -> list[Projection]:
    """The repositories most like one, best first, without those that people do not want to hear of."""
    itself = here.repository_id
    found = index.most_alike(bag_of(here), but={itself, *view.not_alike(itself)}, most=most)
    return [view.repositories[other] for other in found]


def alike(view: View, index: Index, repository: RepositoryId) -> tuple[Alike, ...]:
    """The repositories most like one, best first, each with its reasons."""
    here = view.everyone[repository]
    return tuple(explain(here, there, index) for there in most_alike(view, index, here))


def _name(term: Term, projection: Projection) -> str:
    if term.kind == "pattern":
        return projection.standing_patterns[term.key].name
    return term.key.partition(":")[2] if term.kind == "dependency" else term.key
