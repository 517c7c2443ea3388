"""`similarity.computed.v1`: which repositories one is like, and what one commit of knowledge changed."""

from typing import ClassVar, Literal

from devnexus.events.event import Event
from devnexus.events.patterns_extracted import ChangedFile, NotRead
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
    """A pattern that nearly all repositories of one's kind have, and this one shows nothing of."""

    pattern: str
    name: str
    have: int
    """How many have it."""
    of: int
    """How many were compared, this one included."""
    example: Named
    """One of its language that has it: the one in which it was first seen last."""
    place: Place
    """Where it stands there."""
    is_newest: bool = False
    """Whether the example was written after the others: its repository was known before it had it."""
    category: str | None = None
    owners: tuple[str, ...] = ()
    """Who looks after what lacks it."""


class Variant(Value):
    """What most repositories of one's kind do with one package, and this one does with another."""

    pattern: str
    name: str
    category: str | None = None
    theirs: str
    """The package that most have, as its manifest names it."""
    ours: str
    have: int
    """How many have theirs."""
    of: int
    """How many were compared, this one included."""
    example: Named
    """One that has it: the one in which it was first seen last."""
    is_newest: bool = False
    here: Place
    """Where this one asks for its own."""
    there: Place
    """Where the example asks for theirs."""
    owners: tuple[str, ...] = ()


class PatternChange(Value):
    """A pattern that came or went."""

    id: str
    name: str
    confidence: float
    place: Place | None = None
    category: str | None = None
    owners: tuple[str, ...] = ()
    """Who looks after the lines at `place`, else after the repository."""


class Copy(Value):
    """A component that stands in another repository as well, wherever that is."""

    repository: Named
    component: SharedComponent
    owners: tuple[str, ...] = ()
    """Who looks after the lines here."""


class ChangedComponent(Value):
    """A component that a push changed."""

    name: str
    place: Place


class Consumer(Value):
    """A repository that asks for a package which this one publishes."""

    repository: Named
    package: str
    place: Place
    """The line that asks for it."""
    is_strong: bool = True
    """Whether it needs the package to run, not only to build or to test."""


class Push(Value):
    """The push that a commit of knowledge brought; of several the newest, with the files of all."""

    branch: str
    commit: str | None = None
    """Where it ended; None: at the commit that the repository is at."""
    author: str | None = None
    message: str | None = None
    """The first line of its newest commit."""
    files: tuple[ChangedFile, ...] = ()
    """By path, at most 100."""
    keywords: tuple[str, ...] = ()
    """What the repository is about."""


class Change(Value):
    """What one commit of the knowledge base changed about one repository."""

    repository: Named
    url: str | None = None
    revision: ObjectId
    """The commit of the knowledge base."""
    commit: str
    """The commit that the repository is known to be at."""
    at: Timestamp
    left: tuple[Named, ...] = ()
    """Those that were among the most alike before and are not alike any more."""
    introduced: tuple[PatternChange, ...] = ()
    gone: tuple[PatternChange, ...] = ()
    touched: tuple[PatternChange, ...] = ()
    """Those that stood before and still do, and whose lines the commit changed."""
    not_read: tuple[NotRead, ...] = ()
    """What was not looked at in the commit, and why."""
    missing: tuple[Missing, ...] = ()
    """What this one does not do unlike others of its kind, where that was not so before this commit."""
    variants: tuple[Variant, ...] = ()
    """What it does otherwise than most of its kind, where that was not so before this commit."""
    copies: tuple[Copy, ...] = ()
    """Components that stand elsewhere too, where that was not so before this commit; at most 10."""
    changed: tuple[ChangedComponent, ...] = ()
    """Components of a published package that the commit changed, at most 10; empty without consumers."""
    consumers: tuple[Consumer, ...] = ()
    """Who asks for the packages that `changed` belong to, at most 50."""
    consumer_count: int = 0
    """How many repositories these are, the unlisted ones included."""
    push: Push | None = None
    """None where no push made the difference."""
    because: Named | None = None
    """The repository whose push made this so, where that was another one."""


class SimilarityComputed(Change, Event):
    """What is true of one repository at a revision, and what of it was not true at the revision before."""

    TYPE: ClassVar[str] = "similarity.computed.v1"
    TOPIC: ClassVar[str] = "similarity-computed"

    parent: ObjectId | None = None
    quiet: bool = False
    """Whether it asks that nobody be told."""
    alike: tuple[Alike, ...] = ()
    """The most alike, best first, at most 5."""
    entered: tuple[Named, ...] = ()
    """Those of `alike` that were not among them before and were much less alike."""
    first: bool = False
    """Whether its whole tree was read for the first time: before, it had no snapshot, and now it has."""
    owners: tuple[str, ...] = ()
    """Who looks after the repository: as `devnexus.yaml` says, else its CODEOWNERS for all paths."""

    @property
    def id(self) -> str:
        """`<revision>:<repository id>`."""
        return f"{self.revision}:{self.repository.id}"
