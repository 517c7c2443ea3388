"""From records to what they amount to: a pure, total function of their set."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from devnexus.events import (
    PatternsExtracted,
    Record,
    RepositoryAdopted,
    RepositoryRegistered,
    RepositoryRemoved,
)
from devnexus.git_names import is_no_commit
from devnexus.knowledge.analyses import effective
from devnexus.knowledge.brought import last_push, recent_record
from devnexus.knowledge.history import merge
from devnexus.knowledge.known_as import KnownAs
from devnexus.knowledge.order import in_order
from devnexus.knowledge.owners import StandingOwners
from devnexus.knowledge.problem_domain import problem_domain
from devnexus.knowledge.projection import (
    SHOWN_RECORDS,
    SHOWN_TOLD,
    Brought,
    Evidence,
    Gap,
    Projection,
    RecentRecord,
)
from devnexus.knowledge.standing_components import StandingComponents
from devnexus.knowledge.standing_decisions import StandingDecisions, titles
from devnexus.knowledge.standing_facts import StandingFacts
from devnexus.knowledge.standing_files import StandingFiles
from devnexus.knowledge.standing_patterns import StandingPatterns
from devnexus.knowledge.told import Told
from devnexus.knowledge.union import union
from devnexus.repository import Repository, is_known_by_name
from devnexus.schema_v2 import Component as ImportedComponent
from devnexus.schema_v2 import DeploymentInfo, PatternEntry, ReusableComponent, RuntimeIssue

_CLOSED = frozenset({"fixed", "false_positive"})

UNKNOWN = "unknown"
"""The problem domain of what does not say what it is about."""

_NOT_READ = "manual"
"""The commit of a repository of which no code was read, as the original writes it."""


def fold(records: Iterable[Record]) -> "RepositoryState | None":
    """The state of one repository after all its records, or None where no record is complete.

    Order and repetition of `records` cannot matter.
    """
    ordered = in_order(effective(merge((), records)))
    if not ordered:
        return None
    state = state_of(ordered)
    for record in ordered:
        state.apply(record)
    return state


def state_of(records: Sequence[Record]) -> "RepositoryState":
    """The state, before any of them, of the repository that `records` in their order are about."""
    first = next((one for one in records if not is_known_by_name(one.repository.id)), records[0])
    return RepositoryState(first.repository)


class RepositoryState:
    """What is known of one repository. `apply` each record once, in order; `project` at any time."""

    def __init__(self, repository: Repository) -> None:
        self._id = repository.id
        self._first_at: datetime | None = None
        self._last: Record | None = None
        self._last_read: PatternsExtracted | None = None
        self._known_as = KnownAs(repository)
        self._patterns = StandingPatterns()
        self._files = StandingFiles()
        self._components = StandingComponents()
        self._decisions = StandingDecisions()
        self._facts = StandingFacts()
        self._owners = StandingOwners()
        self._told = Told()
        self._domain: str | None = None
        self._read_whole = False
        """Whether the whole tree was read: what an import said of the code is then replaced."""
        self._removed = False
        self._adopter: str | None = None
        self._brought = Brought()
        self._recent: deque[RecentRecord] = deque(maxlen=SHOWN_RECORDS)
        self._ends: set[str] = set()
        self._gaps: list[Gap] = []
        self._counts: Counter[str] = Counter()

    @property
    def last(self) -> Record:
        """The record applied last."""
        assert self._last is not None
        return self._last

    @property
    def last_commit(self) -> str | None:
        """The commit that the repository was last read at, None where it never was."""
        return self._last_read.after if self._last_read else None

    @property
    def name(self) -> str:
        """Today's name."""
        return self._known_as.name

    @property
    def removed(self) -> bool:
        """Whether it is hidden, until it is registered or pushed to again."""
        return self._removed

    @property
    def adopter(self) -> str | None:
        """The repository that this one, known by name alone, turned out to be: it has no page then."""
        return self._adopter

    @property
    def adopted(self) -> frozenset[str]:
        """The ids, known by name alone, that turned out to be this repository."""
        return self._known_as.adopted

    def apply(self, record: Record) -> None:
        """Let `record` take effect; it must not come before one that was applied already."""
        self._known_as.take(record)
        match record:
            case PatternsExtracted():
                self._read(record)
            case RepositoryRegistered():
                self._removed = False
                self._domain = record.problem_domain or self._domain
            case RepositoryRemoved() if record.repository.id == self._id:
                self._removed = True  # one that was adopted goes by itself, not with its adopter
                self._adopter = record.adopter or self._adopter
            case _:
                self._told.take(record)
        self._counts[record.kind] += 1
        if self._first_at is None and not isinstance(record, (RepositoryAdopted, RepositoryRemoved)):
            self._first_at = record.at
        self._last = record

    def project(self) -> Projection:
        """The projection of this state."""
        told, files, as_ = self._told, self._files, self._known_as
        standing = self._patterns.project()
        entry = self._latest_entry(tuple(pattern.name for pattern in standing.values()))
        dependencies = told.dependencies()
        told_packages = dependencies.external_dependencies if self._trust_import() else ()
        packages = union(files.packages(), told_packages)
        description, introduction = files.description(), files.introduction()
        imported_components = self._imported("components") or ()
        return Projection(
            repository_id=self._id,
            repository_name=as_.name,
            former_names=as_.former_names,
            adopted=tuple(sorted(as_.adopted)),
            repository_url=as_.url or (told.imported or {}).get("repository_url"),
            default_branch=as_.default_branch,
            visibility=as_.visibility,
            archived=as_.archived,
            quiet=self._last_read.quiet if self._last_read else False,
            removed=self._removed,
            description=description or introduction,
            introduction=introduction if description else None,
            primary_language=files.primary_language() or (told.imported or {}).get("primary_language"),
            languages=files.languages(),
            created_at=self._created_at(),
            last_updated=self.last.at,
            latest_patterns=entry,
            unverified_patterns=entry.patterns[len(standing) :],
            deployment=_newest_lessons(self.deployment()),
            dependencies=dependencies.model_copy(update={"external_dependencies": packages}),
            testing=self._facts.testing(told.section("testing"), trusted=self._trust_import()),
            security=self._facts.security(told.section("security"), trusted=self._trust_import()),
            runtime_issues=_newest_issues(told.runtime_issues()),
            production_metrics=told.production_metrics(),
            declared_dependencies=files.declared(),
            published_packages=files.published(),
            standing_decisions=self._decisions.project(),
            owners=self._owners.project(),
            standing_patterns=standing,
            components=self._components.project(as_.name),
            imported_components=tuple(ImportedComponent.model_validate(one) for one in imported_components),
            recent=tuple(self._recent),
            last_push=last_push(self._last_read),
            gaps=tuple(self._gaps),
            pushes=self._counts["push"],
            snapshots=self._counts["snapshot"],
            last_receipt=self._last_read.receipt if self._last_read else None,
        )

    def deployment(self) -> DeploymentInfo:
        """How it is deployed, as files, agents and an import say, and every lesson."""
        told = self._told
        return self._facts.deployment(told.deployment() if self._trust_import() else told.deployment_since())

    def rows(self, pattern: str) -> tuple[Evidence, ...]:
        """Every row that speaks for a pattern, by path and line."""
        return self._patterns.rows(pattern)

    @property
    def brought(self) -> Brought:
        """What the push or snapshot that was applied last changed in the patterns that stand."""
        return self._brought

    def entry(self) -> PatternEntry:
        """v2's PatternEntry as it stands now."""
        return self._latest_entry(tuple(pattern.name for pattern in self._patterns.project().values()))

    @property
    def told(self) -> Told:
        """What imports, agents and people told."""
        return self._told

    def _read(self, record: PatternsExtracted) -> None:
        self._note_gap(record)
        self._brought = self._patterns.take(record)
        self._files.take(record)
        self._components.take(record)
        self._decisions.take(record)
        self._facts.take(record)
        self._owners.take(record)
        self._removed = False
        self._read_whole |= record.coverage == "tree"
        self._ends.add(record.after)
        self._recent.appendleft(recent_record(record, self._brought))
        self._last_read = record

    def _note_gap(self, record: PatternsExtracted) -> None:
        before, last = record.before, self._last_read
        if before and last and before not in self._ends and not is_no_commit(before):
            self._gaps.append(Gap(after=last.after, before=before, at=record.at))

    def _latest_entry(self, standing: tuple[str, ...]) -> PatternEntry:
        """The names of the standing patterns and what is told beside them, as of the last."""
        imported = self._told.latest_entry()
        last, kept = self._last_read, imported if self._trust_import() else None
        domain = self._domain or (imported.problem_domain if imported else None)
        if last is None and imported:
            return imported
        if last is None:
            return PatternEntry(
                problem_domain=domain or "Unknown",
                analyzed_at=self._first_at or self.last.at,
                commit_sha=_NOT_READ,
            )
        newest = last.commits[0] if last.commits else None
        keywords = self._files.keywords()
        return PatternEntry(
            patterns=union(standing, kept.patterns if kept else ()),
            decisions=union(titles(self._decisions.project()), imported.decisions if imported else ()),
            reusable_components=self._reusable(kept.reusable_components if kept else ()),
            dependencies=union(self._files.packages(), kept.dependencies if kept else ()),
            problem_domain=self._domain or self._read_domain(keywords) or domain or UNKNOWN,
            keywords=union(keywords, kept.keywords if kept else ()),
            analyzed_at=last.at,
            commit_sha=last.after,
            commit_message=newest.message if newest else None,
            author=newest.author if newest else None,
        )

    def _reusable(self, told: tuple[ReusableComponent, ...]) -> tuple[ReusableComponent, ...]:
        own = self._components.reusable()
        known = {one.name for one in own}
        return (*own, *(one for one in told if one.name not in known))

    def _read_domain(self, keywords: tuple[str, ...]) -> str | None:
        """What the files say that the repository is about; None where they do not say enough."""
        files = self._files
        found = problem_domain(files.introduction() or files.description(), keywords)
        return None if found == UNKNOWN else found

    def _trust_import(self) -> bool:
        """Whether what an import says of the code still stands: until the whole tree was read."""
        return not self._read_whole

    def _imported(self, section: str) -> Any:  # noqa: ANN401 - as it stands in the file
        return (self._told.imported or {}).get(section) if self._trust_import() else None

    def _created_at(self) -> Any:  # noqa: ANN401 - a time, as it stands in the file, or none
        if self._told.imported is not None and "created_at" in self._told.imported:
            return self._told.imported["created_at"]
        return self._first_at


def _newest_lessons(deployment: DeploymentInfo) -> DeploymentInfo:
    return deployment.model_copy(update={"lessons_learned": deployment.lessons_learned[-SHOWN_TOLD:]})


def _newest_issues(issues: tuple[RuntimeIssue, ...]) -> tuple[RuntimeIssue, ...]:
    """The newest, those that nobody has closed before the others."""
    ranked = sorted(issues, key=lambda issue: (issue.status not in _CLOSED, issue.detected_at))
    kept = {issue.issue_id for issue in ranked[-SHOWN_TOLD:]}
    return tuple(issue for issue in issues if issue.issue_id in kept)
