"""What one request is answered from: all that was known at one revision."""

import copy
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Self, TypeVar

from a2a_gateway.knowledge.actions import Actions
from a2a_gateway.knowledge.component_texts import ComponentTexts
from a2a_gateway.knowledge.lookups import Lookups
from a2a_gateway.knowledge.visible import Hidden
from devnexus.alike.exceptions import Exceptions, exceptions_in
from devnexus.alike.following import FollowingIndex
from devnexus.alike.reasons import explain, most_alike
from devnexus.events import PatternsExtracted
from devnexus.events.similarity_computed import Alike
from devnexus.knowledge.analyses import analyses
from devnexus.knowledge.consumers import Use, uses
from devnexus.knowledge.corrected import Catalogue, Words
from devnexus.knowledge.history import read_records
from devnexus.knowledge.known_issues import KnownIssues
from devnexus.knowledge.layout import PROJECTIONS, history_path
from devnexus.knowledge.pattern_health import PatternHealths
from devnexus.knowledge.projection import Projection, StandingDecision
from devnexus.knowledge.store import Store
from devnexus.knowledge.view import View
from devnexus.people.corrections import Corrections
from devnexus.repository import RepositoryId

T = TypeVar("T")


@dataclass(frozen=True)
class Reading:
    """The knowledge at one revision, and how old it is if the store does not answer."""

    view: View
    index: FollowingIndex
    """It serves the readings before and after this one as well."""
    store: Store
    stale_seconds: int = 0
    """0, or for how long the store has not confirmed that this is the newest."""
    texts: ComponentTexts = field(default_factory=ComponentTexts, repr=False)
    """As the index."""
    hidden: Hidden = Hidden()
    """Of whom nothing may be said in what is answered from this."""
    _like: dict[RepositoryId, list[Projection]] = field(default_factory=dict, repr=False)
    _before: Lookups = field(default_factory=Lookups, repr=False)
    """Those of a reading before, from which those of this one are made."""
    _of_pages: dict[tuple[object, RepositoryId], tuple[Projection, Any]] = field(
        default_factory=dict, repr=False
    )
    _once: dict[object, Any] = field(default_factory=dict, repr=False)

    def followed_by(self, view: View, hidden: Hidden) -> "Reading":
        """The reading of another view; what was looked up already is brought up to date there and then."""
        is_used = "lookups" in self.__dict__
        before = self.lookups if is_used else self._before
        other = replace(self, view=view, hidden=hidden, _like={}, _before=before, _once={})
        return other.prepared() if is_used else other

    def prepared(self) -> Self:
        """The same, with what most questions look up."""
        _ = self.lookups, self.names, self.pattern_ids
        return self

    def aged(self, seconds: int) -> Self:
        """The same, said to be that old; what was looked up already need not be again."""
        other = copy.copy(self)
        object.__setattr__(other, "stale_seconds", seconds)
        return other

    def once(self, make: Callable[["Reading"], T]) -> T:
        """What `make` gives of this reading, made once however often it is asked for."""
        if make not in self._once:
            self._once[make] = make(self)
        made: T = self._once[make]
        return made

    def once_of(self, page: Projection, make: Callable[[Projection], T]) -> T:
        """What `make` gives of a page alone, made once for as long as the page stays what it is."""
        known = self._of_pages.get((make, page.repository_id))
        if known is None or known[0] is not page:
            known = self._of_pages[make, page.repository_id] = page, make(page)
        made: T = known[1]
        return made

    @property
    def revision(self) -> str:
        """The commit of the knowledge base that this was read at."""
        return self.view.revision

    @cached_property
    def names(self) -> Mapping[RepositoryId, str]:
        """What each repository is called here: `<owner>/<name>`, which `@<id>` follows where two claim it."""
        return {
            page.repository_id: path.removeprefix(PROJECTIONS).removesuffix(".json")
            for path, page in self.view.pages.items()
        }

    @cached_property
    def written_names(self) -> Mapping[str, Projection]:
        """Name in lower case → the page as written, also of repositories that are not shown.

        Names of before lead to where a repository is now, unless another one has them today.
        """
        pages = [good.value for path, good in self.view.raw.items() if good.value and "@" not in path]
        former = {name.lower(): page for page in pages for name in page.former_names}
        return former | {page.repository_name.lower(): page for page in pages}

    @cached_property
    def lookups(self) -> Lookups:
        """What is found by words and patterns."""
        return self._before.after(self.view.repositories)

    @property
    def repositories(self) -> Sequence[Projection]:
        """The repositories of today, by name; one whose name another has taken over is only `named`."""
        return self.lookups.pages

    @property
    def having(self) -> Mapping[str, Sequence[Projection]]:
        """Pattern id → the repositories it stands in, by name."""
        return self.lookups.having

    @cached_property
    def pattern_ids(self) -> Mapping[str, Set[str]]:
        """Id, name or alias of a pattern, in lower case → the ids that are meant."""
        found: dict[str, set[str]] = defaultdict(set)
        for word, id_ in self.view.people.vocabulary.words.items():
            found[word].add(id_)
        for id_, names in self.lookups.pattern_names.items():
            for word in (id_, *names):
                found[word.lower()].add(id_)
        return dict(found)

    @cached_property
    def uses(self) -> Mapping[RepositoryId, Sequence[Use]]:
        """Repository → who asks for the packages that it publishes, by name."""
        return uses(self.repositories)

    @cached_property
    def components(self) -> ComponentTexts:
        """What the components of all repositories are called and say of themselves."""
        self.texts.follow(self.repositories)
        return self.texts

    @cached_property
    def decisions(self) -> Sequence[tuple[Projection, StandingDecision]]:
        """Every standing decision with its repository, the newest first."""
        found = [(page, one) for page in self.repositories for one in page.standing_decisions]
        return sorted(found, key=lambda pair: pair[1].at, reverse=True)

    @cached_property
    def issues(self) -> KnownIssues:
        """What went wrong in production, the newest first."""
        return KnownIssues(self.repositories, self.patterns_meant)

    @cached_property
    def healths(self) -> PatternHealths:
        """How patterns fare in production."""
        return PatternHealths(self.having, self.issues)

    @cached_property
    def actions(self) -> Actions:
        """What happened in repositories, as far as their pages tell."""
        return Actions(self.repositories, self.names)

    def patterns_meant(self, word: str) -> Set[str]:
        """The ids that `word` means: as an id, name or alias, else as another way to write one."""
        if found := self.pattern_ids.get(word.strip().lower()):
            return found
        meant = self.view.people.vocabulary.names.canonical_of(word)
        return {meant} if meant else set()

    def pattern_id(self, word: str) -> str:
        """The id of the pattern that `word` means: one that stands somewhere, else what names say."""
        return word if word in self.having else self.view.people.vocabulary.names.canonical_of(word) or word

    def corrections(self, projection: Projection) -> Corrections:
        """What people say of a repository."""
        return self.view.people.corrections(f"{PROJECTIONS}{self.name(projection)}.json")

    def words(self, projection: Projection) -> Words:
        """Which patterns people mean when they correct this repository."""
        written = self.view.raw.get(f"{PROJECTIONS}{self.name(projection)}.json")
        pages = [written.value, projection] if written and written.value else [projection]
        return Words(pages, self.view.people.vocabulary, Catalogue())

    def like(self, projection: Projection) -> list[Projection]:
        """The repositories most like one, best first."""
        id_ = projection.repository_id
        if id_ not in self._like:
            with self.index.at(self.view) as index:
                self._like[id_] = most_alike(self.view, index, projection)
        return self._like[id_]

    def explain(self, here: Projection, there: Projection) -> Alike:
        """How alike two repositories are, and what they share."""
        with self.index.at(self.view) as index:
            return explain(here, there, index)

    def exceptions(self, projection: Projection) -> Exceptions:
        """What nearly all of its kind do, and it does not or otherwise."""
        with self.index.at(self.view) as index:
            return exceptions_in(self.view, index, projection)

    def may_name(self, name: str) -> bool:
        """Whether a repository that others name, such as another agent, may be named in the answer."""
        return not self.hidden.means(name)

    def name(self, projection: Projection) -> str:
        """What the repository is called here."""
        return self.names[projection.repository_id]

    def named(self, name: str) -> Projection | None:
        """The repository that is called `name` here, however it is spelled, or None."""
        return self.view.named(name)

    def analyses(self, repository: RepositoryId, day: datetime) -> list[PatternsExtracted]:
        """What was read of a repository on that day (UTC), one whole record per push or snapshot.

        Raises Unavailable or Damaged where they cannot be read.
        """
        path = history_path(repository, day)
        content = self.store.read([path], at=self.revision).get(path, b"")
        return analyses(read_records(content, path=path))
