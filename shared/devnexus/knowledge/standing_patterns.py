"""The patterns that a repository has now: where their evidence stands, since when, and how sure it is."""

from collections import Counter, defaultdict
from collections.abc import Sequence, Set

from devnexus.events.patterns_extracted import EvidenceRow, FileReading, Pattern, PatternsExtracted
from devnexus.knowledge.brought import Sight, brought
from devnexus.knowledge.confidence import CLAUDE_ALONE, LIKELY, claimed_too, confidence
from devnexus.knowledge.projection import SHOWN_ROWS, Brought, Evidence, Seen, StandingPattern
from devnexus.knowledge.standing_claims import Held, StandingClaims

CLAUDE = "claude"
"""The kind of evidence that a claim of Claude is."""


class _StandingEvidence:
    """Where one pattern is seen, path by path, and since when."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[tuple[EvidenceRow, ...], int, str]] = {}
        """Path → rows kept, number of rows cut, commit they were read at."""
        self.first_seen: Seen | None = None
        self.last_seen: Seen | None = None
        self.by_rules = 0.0
        """How sure the rows alone make us."""
        self.confidence = 0.0


class StandingPatterns:
    """Rule by rule, the evidence in one repository; `take` each analysis once, in order."""

    def __init__(self) -> None:
        self._evidence: dict[str, _StandingEvidence] = defaultdict(_StandingEvidence)
        self._rules_of: dict[str, set[str]] = defaultdict(set)
        self._patterns: dict[str, Pattern] = {}
        self._claims = StandingClaims()

    def take(self, record: PatternsExtracted) -> Brought:
        """Let what `record` read take the place of what was known of its paths, of all paths for a tree.

        Returns what that changed.
        """
        self._patterns.update({pattern.id: pattern for pattern in record.patterns})
        paths = list(self._rules_of) if record.coverage == "tree" else [file.path for file in record.files]
        read = {*paths, *(file.path for file in record.files), *self._claims.paths(record)}
        added = _added(record)
        rules = {rule for path in read for rule in self._rules_of.get(path, ())}
        rules |= {row.rule for file in record.files for row in file.rows} | self._claims.affected(record)
        before = self._sights(rules, read)
        touched = self._clear(paths)
        for file in record.files:
            if file.status != "removed":
                touched |= self._read(file, record)
        touched |= self._claims.take(record)
        for rule in sorted(touched):
            self._weigh(rule, record)
        return brought(before, self._sights(rules, read), added)

    def rows(self, rule: str) -> tuple[Evidence, ...]:
        """All rows that speak for a pattern, by path and line, whether it stands or not."""
        by_path = self._evidence[rule].rows if rule in self._evidence else {}
        found = [_evidence(path, row, commit) for path, (rows, _, commit) in by_path.items() for row in rows]
        found += map(_claimed, self._claims.of(rule))
        return tuple(sorted(found, key=lambda row: (row.path, row.start, row.kind)))

    def stands(self, rule: str) -> bool:
        """Whether a pattern is likely enough to show."""
        is_known = rule in self._evidence and rule in self._patterns
        return is_known and self._evidence[rule].confidence >= LIKELY

    def project(self) -> dict[str, StandingPattern]:
        """The patterns that are likely enough to show, by id."""
        return {
            rule: _standing_pattern(self._patterns[rule], evidence, self._claims.of(rule))
            for rule, evidence in sorted(self._evidence.items())
            if evidence.confidence >= LIKELY
            and rule in self._patterns
            and evidence.first_seen
            and evidence.last_seen
        }

    def _sights(self, rules: Set[str], paths: Set[str]) -> dict[str, Sight]:
        """What these rules see, in these paths."""
        found: dict[str, Sight] = {}
        for rule in rules & self._evidence.keys():
            evidence, claims = self._evidence[rule], self._claims.of(rule)
            here = ((path, evidence.rows[path][0]) for path in evidence.rows.keys() & paths)
            said = {(path, row.kind, row.quote) for path, rows in here for row in rows}
            found[rule] = Sight(
                has_rows=bool(evidence.rows or claims),
                stands=self.stands(rule),
                said=said | {(one.path, CLAUDE, one.claim.key) for one in claims if one.path in paths},
            )
        return found

    def _clear(self, paths: list[str]) -> set[str]:
        """Forget what stands in `paths` and return the rules that lose evidence by it."""
        touched: set[str] = set()
        for path in paths:
            for rule in self._rules_of.pop(path, ()):
                self._evidence[rule].rows.pop(path)
                touched.add(rule)
        return touched

    def _read(self, file: FileReading, record: PatternsExtracted) -> set[str]:
        by_rule: dict[str, list[EvidenceRow]] = defaultdict(list)
        for row in file.rows:
            by_rule[row.rule].append(row)
        for rule, rows in by_rule.items():
            self._evidence[rule].rows[file.path] = (tuple(rows), file.cut.get(rule, 0), record.after)
            self._rules_of[file.path].add(rule)
        return set(by_rule)

    def _weigh(self, rule: str, record: PatternsExtracted) -> None:
        evidence = self._evidence[rule]
        pattern = self._patterns.get(rule)
        pairs = ((path, row) for path, (rows, _, _) in evidence.rows.items() for row in rows)
        evidence.by_rules = confidence(pairs, pattern.need if pattern else ())
        is_claimed = bool(self._claims.of(rule))
        evidence.confidence = claimed_too(evidence.by_rules) if is_claimed else evidence.by_rules
        if evidence.confidence >= LIKELY:
            now = Seen(commit=record.after, at=record.at)
            evidence.first_seen = evidence.first_seen or now
            evidence.last_seen = now


def _standing_pattern(
    pattern: Pattern, evidence: _StandingEvidence, claims: Sequence[Held]
) -> StandingPattern:
    assert evidence.first_seen and evidence.last_seen
    rows = [_evidence(path, row, commit) for path, (kept, _, commit) in evidence.rows.items() for row in kept]
    rows += map(_claimed, claims)
    rows.sort(key=lambda row: (-row.weight, row.path, row.start, row.kind))
    further = Counter({path: cut for path, (_, cut, _) in evidence.rows.items() if cut})
    further.update(row.path for row in rows[SHOWN_ROWS:])
    return StandingPattern(
        name=pattern.name,
        category=pattern.category,
        confidence=evidence.confidence,
        source=_source(evidence, claims),
        first_seen=evidence.first_seen,
        last_seen=evidence.last_seen,
        evidence=tuple(rows[:SHOWN_ROWS]),
        further_evidence=dict(further),
    )


def _source(evidence: _StandingEvidence, claims: Sequence[Held]) -> str:
    if not claims:
        return "rules"
    return "both" if evidence.by_rules else CLAUDE


def _added(record: PatternsExtracted) -> set[str]:
    """The patterns of lines that the push added."""
    found = {row.rule for file in record.files for row in file.rows if row.introduced}
    if record.coverage == "change":
        found |= {claim.pattern for file in record.files for claim in file.claims or ()}
    return found


def _evidence(path: str, row: EvidenceRow, commit: str) -> Evidence:
    return Evidence(
        path=path, commit=commit, **row.model_dump(include={"start", "end", "kind", "weight", "quote"})
    )


def _claimed(held: Held) -> Evidence:
    line = held.claim.line
    return Evidence(
        path=held.path,
        commit=held.commit,
        start=line,
        end=line,
        kind=CLAUDE,
        weight=CLAUDE_ALONE,
        quote=held.claim.quote,
    )
