"""From records to what they amount to: a pure, total function of their set."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable

from devnexus.events.patterns_extracted import EvidenceRow, FileReading, Manifest, Pattern
from devnexus.git_names import is_no_commit
from devnexus.knowledge.analyses import effective
from devnexus.knowledge.confidence import LIKELY, confidence
from devnexus.knowledge.history import Record, merge
from devnexus.knowledge.keywords import keywords, words_of
from devnexus.knowledge.order import in_order
from devnexus.knowledge.projection import (
    SHOWN_RECORDS,
    SHOWN_ROWS,
    DeclaredDependency,
    DependencySection,
    Evidence,
    Gap,
    PatternEntry,
    Projection,
    RecentRecord,
    Seen,
    StandingPattern,
)
from devnexus.knowledge.standing_components import StandingComponents


def fold(records: Iterable[Record]) -> "RepositoryState | None":
    """The state of one repository after all its records, or None where no record is complete.

    Order and repetition of `records` cannot matter.
    """
    ordered = in_order(effective(merge((), records)))
    if not ordered:
        return None
    state = RepositoryState(ordered[0])
    for record in ordered:
        state.apply(record)
    return state


class _StandingEvidence:
    """Where one pattern is seen, path by path, and since when."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[tuple[EvidenceRow, ...], int, str]] = {}
        """Path → rows kept, number of rows cut, commit they were read at."""
        self.first_seen: Seen | None = None
        self.last_seen: Seen | None = None
        self.confidence = 0.0


class RepositoryState:
    """What is known of one repository. `apply` each record once, in order; `project` at any time."""

    def __init__(self, first: Record) -> None:
        self._first_at = first.at
        self._last = first
        self._evidence: dict[str, _StandingEvidence] = defaultdict(_StandingEvidence)
        self._rules_of: dict[str, set[str]] = defaultdict(set)
        self._patterns: dict[str, Pattern] = {}
        self._manifests: dict[str, tuple[Manifest, str]] = {}
        """Path → what it declares, commit it was read at."""
        self._languages: dict[str, str] = {}
        self._words: Counter[str] = Counter()
        self._components = StandingComponents()
        self._recent: deque[RecentRecord] = deque(maxlen=SHOWN_RECORDS)
        self._ends: set[str] = set()
        self._gaps: list[Gap] = []
        self._counts: Counter[str] = Counter()

    @property
    def last(self) -> Record:
        """The record applied last."""
        return self._last

    def apply(self, record: Record) -> None:
        """Let `record` take effect; it must not come before one that was applied already."""
        self._note_gap(record)
        self._patterns.update({pattern.id: pattern for pattern in record.patterns})
        touched = self._clear(record)
        for file in record.files:
            touched |= self._read(file, record)
        self._components.take(record)
        for rule in sorted(touched):
            self._weigh(rule, record)
        self._ends.add(record.after)
        self._counts[record.subject] += 1
        self._recent.appendleft(_recent(record))
        self._last = record

    def project(self) -> Projection:
        """The projection of this state."""
        last, standing = self._last, self._standing()
        languages = Counter(self._languages.values())
        packages = tuple(sorted({d.name for m, _ in self._manifests.values() for d in m.dependencies}))
        newest = last.commits[0] if last.commits else None
        description = self._description()
        return Projection(
            repository_id=last.repository.id,
            repository_name=last.repository.name,
            repository_url=last.repository.url,
            default_branch=last.repository.default_branch,
            description=description,
            primary_language=min(languages, key=lambda name: (-languages[name], name), default=None),
            languages=dict(languages),
            created_at=self._first_at,
            last_updated=last.at,
            latest_patterns=PatternEntry(
                patterns=tuple(pattern.name for pattern in standing.values()),
                dependencies=packages,
                problem_domain=description or "unknown",
                keywords=keywords(languages, self._words),
                analyzed_at=last.at,
                commit_sha=last.after,
                commit_message=newest.message if newest else None,
                author=newest.author if newest else None,
            ),
            dependencies=DependencySection(external_dependencies=packages),
            declared_dependencies=self._declared(),
            standing_patterns=standing,
            components=self._components.project(last.repository.name),
            recent=tuple(self._recent),
            gaps=tuple(self._gaps),
            pushes=self._counts["push"],
            snapshots=self._counts["snapshot"],
            last_receipt=last.receipt,
        )

    def _note_gap(self, record: Record) -> None:
        before = record.before
        if before and self._ends and before not in self._ends and not is_no_commit(before):
            self._gaps.append(Gap(after=self._last.after, before=before, at=record.at))

    def _clear(self, record: Record) -> set[str]:
        """Forget what this record replaces and return the rules that lose evidence by it."""
        if record.coverage == "tree":
            touched = {rule for rules in self._rules_of.values() for rule in rules}
            self._evidence_clear(list(self._rules_of))
            self._manifests.clear()
            self._languages.clear()
            self._words.clear()
            return touched
        paths = [file.path for file in record.files]
        touched = {rule for path in paths for rule in self._rules_of.get(path, ())}
        self._evidence_clear(paths)
        for path in paths:
            self._manifests.pop(path, None)
            if self._languages.pop(path, None):
                self._words -= Counter(words_of(path))
        return touched

    def _evidence_clear(self, paths: list[str]) -> None:
        for path in paths:
            for rule in self._rules_of.pop(path, ()):
                self._evidence[rule].rows.pop(path)

    def _read(self, file: FileReading, record: Record) -> set[str]:
        if file.status == "removed":
            return set()
        by_rule: dict[str, list[EvidenceRow]] = defaultdict(list)
        for row in file.rows:
            by_rule[row.rule].append(row)
        for rule, rows in by_rule.items():
            self._evidence[rule].rows[file.path] = (tuple(rows), file.cut.get(rule, 0), record.after)
            self._rules_of[file.path].add(rule)
        if file.manifest:
            self._manifests[file.path] = (file.manifest, record.after)
        if file.language and file.path not in self._languages:
            self._languages[file.path] = file.language
            self._words.update(words_of(file.path))
        return set(by_rule)

    def _weigh(self, rule: str, record: Record) -> None:
        evidence = self._evidence[rule]
        pattern = self._patterns.get(rule)
        pairs = ((path, row) for path, (rows, _, _) in evidence.rows.items() for row in rows)
        evidence.confidence = confidence(pairs, pattern.need if pattern else ())
        if evidence.confidence >= LIKELY:
            now = Seen(commit=record.after, at=record.at)
            evidence.first_seen = evidence.first_seen or now
            evidence.last_seen = now

    def _standing(self) -> dict[str, StandingPattern]:
        return {
            rule: _standing_pattern(self._patterns[rule], evidence, evidence.first_seen, evidence.last_seen)
            for rule, evidence in sorted(self._evidence.items())
            if evidence.confidence >= LIKELY
            and rule in self._patterns
            and evidence.first_seen
            and evidence.last_seen
        }

    def _declared(self) -> tuple[DeclaredDependency, ...]:
        declared: dict[tuple[str, str], DeclaredDependency] = {}
        for path, (manifest, commit) in sorted(self._manifests.items()):
            for dependency in manifest.dependencies:
                if dependency.group != "indirect":
                    declared.setdefault(
                        (manifest.ecosystem, dependency.name),
                        DeclaredDependency(
                            ecosystem=manifest.ecosystem, path=path, commit=commit, **dependency.model_dump()
                        ),
                    )
        return tuple(declared[key] for key in sorted(declared))

    def _description(self) -> str | None:
        """What a manifest in the root folder says; one further down speaks only for its part."""
        said = [m.description for path, (m, _) in sorted(self._manifests.items()) if "/" not in path]
        return next((text for text in said if text), None)


def _recent(record: Record) -> RecentRecord:
    newest = record.commits[0] if record.commits else None
    return RecentRecord(
        record_id=record.record_id,
        subject=record.subject,
        at=record.at,
        before=record.before,
        after=record.after,
        author=newest.author if newest else None,
        message=newest.message if newest else None,
        commits=record.commit_count,
    )


def _standing_pattern(
    pattern: Pattern, evidence: _StandingEvidence, first_seen: Seen, last_seen: Seen
) -> StandingPattern:
    rows = [(path, row, commit) for path, (kept, _, commit) in evidence.rows.items() for row in kept]
    rows.sort(key=lambda item: (-item[1].weight, item[0], item[1].start, item[1].kind))
    further = Counter({path: cut for path, (_, cut, _) in evidence.rows.items() if cut})
    further.update(path for path, _, _ in rows[SHOWN_ROWS:])
    return StandingPattern(
        name=pattern.name,
        category=pattern.category,
        confidence=evidence.confidence,
        first_seen=first_seen,
        last_seen=last_seen,
        evidence=tuple(
            Evidence(
                path=path,
                commit=commit,
                **row.model_dump(include={"start", "end", "kind", "weight", "quote"}),
            )
            for path, row, commit in rows[:SHOWN_ROWS]
        ),
        further_evidence=dict(further),
    )
