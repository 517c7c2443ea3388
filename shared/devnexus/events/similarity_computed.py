"""`similarity.computed.v1`: which repositories one is like, and what one commit of knowledge changed."""

from typing import ClassVar, Literal

from devnexus.events.event import Event
from devnexus.events.patterns_extracted import NotRead
from devnexus.git_names import ObjectId
from devnexus.repository import RepositoryId, RepositoryName
from devnexus.timestamps import Timestamp
from devnexus.values import Value


class Named(Value):
    """A repository, by its id and today's name."""

    id: RepositoryId
    name: RepositoryName


class Place(Value):
    """Lines of a file, at the commit they were read at."""

    path: str
    start: int
    end: int
    commit: str


class SharedTerm(Value):
    """Something that both repositories have."""

    kind: Literal["pattern", "dependency", "keyword"]
    term: str
    """A pattern's id, `<ecosystem>:<package>` or a keyword."""
    name: str
    """The same for people."""
    weight: float
    """ln(1 + repositories / repositories that have it): what few have says more."""
    here: Place | None = None
    there: Place | None = None


class SharedComponent(Value):
    """A class or function that stands in both repositories, the same or nearly."""

    name: str
    likeness: float
    """The share of equal lines, estimated from sketches; 1.0 only where every line of code is equal."""
    here: Place
    there: Place
    changed_last: Literal["here", "there"] | None = None
    """Whose was seen to change last, where they differ; None where no change was seen."""
    changed_at: Timestamp | None = None
    other_known: bool = False
    """Whether the other one was known already then, so that it has not changed since."""


class Overlap(Value):
    """The plain counts of what two repositories share, as the original system reported them."""

    keywords: int
    patterns: int
    dependencies: int


class Alike(Value):
    """One of the repositories that are most like another, and why."""

    repository: Named
    score: float
    """IDF-weighted Jaccard over one bag of patterns, dependencies and keywords: 0 to 1."""
    overlap: Overlap
    shared: tuple[SharedTerm, ...]
    """The strongest, at most 10."""
    components: tuple[SharedComponent, ...] = ()
    """The most alike, at most 10."""


class Missing(Value):
    """A pattern that nearly all repositories of one's kind have, and this one has not."""

    pattern: str
    name: str
    have: int
    """How many have it."""
    of: int
    """How many were compared, this one included."""
    example: Named
    """One that has it: the one in which it was first seen last."""
    place: Place
    """Where it stands there."""


class PatternChange(Value):
    """A pattern that came or went."""

    id: str
    name: str
    confidence: float
    place: Place | None = None


class SimilarityComputed(Event):
    """What is true of one repository at a revision, and what of it was not true at the revision before."""

    TYPE: ClassVar[str] = "similarity.computed.v1"
    TOPIC: ClassVar[str] = "similarity-computed"

    revision: ObjectId
    parent: ObjectId | None = None
    repository: Named
    url: str | None = None
    commit: str
    """The commit that the repository is known to be at."""
    quiet: bool = False
    """Whether it asks that nobody be told."""
    at: Timestamp
    alike: tuple[Alike, ...] = ()
    """The most alike, best first, at most 5."""
    entered: tuple[Named, ...] = ()
    """Those of `alike` that were not among them before."""
    left: tuple[Named, ...] = ()
    """Those that were among them before and are no longer."""
    introduced: tuple[PatternChange, ...] = ()
    gone: tuple[PatternChange, ...] = ()
    touched: tuple[PatternChange, ...] = ()
    """Those that stood before and still do, and whose lines the commit changed."""
    not_read: tuple[NotRead, ...] = ()
    """What was not looked at in the commit, and why."""
    missing: tuple[Missing, ...] = ()
    """What this one does not do unlike others of its kind, where that was not so before this commit."""

    @property
    def id(self) -> str:
        """`<revision>:<repository id>`."""
        return f"{self.revision}:{self.repository.id}"
