"""What is answered about the documentation of a repository: verdicts, told by file."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus

from a2a_gateway.answer import Answer, CannotAnswer, Part
from a2a_gateway.documentation.grade import EMOJI, Status, score, status
from a2a_gateway.documentation.inspection import Inspection
from a2a_gateway.documentation.selection import SEVERITIES
from a2a_gateway.documentation.standards import Held, severity_of
from a2a_gateway.documentation.verdict import Finding, Kind, Verdict
from a2a_gateway.fitting import fitting, json_size
from devnexus.people.documentation import Rule, Severity, Standard
from devnexus.printable import printable

_FILES_LISTED = 300
_LISTED_BYTES = 150_000
_LISTED_PER_FILE = 50
_WORST_LISTED = 10
_RECOMMENDATIONS = 10
_LEFT_OUT_LISTED = 50
_LONGEST_TEXT = 500


class Violation(Part):
    """One thing that is not right."""

    rule: str
    """Id of the rule, as the organisation's `devnexus.yaml` may change it."""
    type: Kind
    severity: Severity
    file: str
    line: int | None
    """1-based; 1 where it is about the whole file, null where the file is not there."""
    message: str
    """What is so."""
    recommendation: str
    """What to do about it."""
    fact: str
    """The same as `message`."""
    remedy: str
    """The same as `recommendation`."""
    section: str | None = None
    """The section that is missing."""
    referenced_path: str | None = None
    """The path that is named, and is not there."""
    link_url: str | None = None
    """The link as written."""
    resolved_path: str | None = None
    """Where it leads within the repository."""
    count: int | None = None
    """How often, where it is told once for the whole file."""


class FileResult(Part):
    """What was found in one file."""

    file: str
    priority: Severity
    """How much the file matters."""
    violations: list[Violation]
    """At most 50; of all files together as far as 150 kB hold them."""
    checks_performed: int
    """How many rules looked at it."""
    violation_count: int


class Summary(Part):
    """How many of what."""

    total_files_checked: int
    total_violations: int
    critical_violations: int
    high_violations: int
    medium_violations: int
    low_violations: int


class LeftOut(Part):
    """A document that was not read."""

    file: str
    why: str


class Checked(Answer):
    """What the documentation lacks at one commit.

    `compliance_score` is from 0 to 1: each rule counts as its severity says (10, 5, 2, 1), for the share of
    what it looked at that is right; a rule that had nothing to look at does not count. `compliant` is a score
    from 0.9 without anything critical or high; `mostly_compliant` from 0.75 without anything critical;
    `needs_improvement` from 0.5 without anything critical; `non_compliant` is the rest.
    """

    repository: str
    head: str
    """The commit that was read."""
    standard: Standard
    """Which rules held to begin with."""
    rules: int
    """How many held."""
    unknown_rules: list[str]
    """Ids in `devnexus.yaml` that were to be changed, and are those of no rule."""
    status: Status
    status_emoji: str
    compliance_score: float
    """Two decimals."""
    summary: Summary
    file_results: list[FileResult]
    """Those with something to say first, at most 300."""
    critical_violations: list[Violation]
    """At most 10."""
    recommendations: list[str]
    """What to do first, at most 10."""
    left_out: list[LeftOut]
    """Documents that were not read, at most 50."""
    left_out_count: int
    is_whole: bool
    """false: the repository has so many files that some are not known, or some documents were not read."""


def checked(name: str, head: str, held: Held, inspection: Inspection) -> Checked:
    """The answer; raise CannotAnswer where nothing was looked at: that is no reason for a good grade."""
    verdicts = inspection.verdicts
    points = score(verdicts)
    if points is None:
        error = "No rule had anything to look at: none holds, or none is about these files"
        raise CannotAnswer(error, status=HTTPStatus.FAILED_DEPENDENCY)
    found = [violation(verdict.rule, one) for verdict in verdicts for one in verdict.findings]
    counted: dict[Severity, int] = dict.fromkeys(SEVERITIES, 0)
    for verdict in verdicts:
        counted[severity_of(verdict.rule)] += verdict.found
    grade = status(points, verdicts)
    left_out = sorted(inspection.left_out.items())
    return Checked(
        repository=name,
        head=head,
        standard=held.standard,
        rules=len(held.rules.rules),
        unknown_rules=list(held.unknown),
        status=grade,
        status_emoji=EMOJI[grade],
        compliance_score=math.floor(points * 100 + 1e-9) / 100,
        summary=Summary(
            total_files_checked=len(inspection.priorities),
            total_violations=sum(counted.values()),
            critical_violations=counted["critical"],
            high_violations=counted["high"],
            medium_violations=counted["medium"],
            low_violations=counted["low"],
        ),
        file_results=_file_results(found, verdicts, inspection.priorities),
        critical_violations=[one for one in found if one.severity == "critical"][:_WORST_LISTED],
        recommendations=_recommendations(found),
        left_out=[LeftOut(file=_shown(path), why=why) for path, why in left_out[:_LEFT_OUT_LISTED]],
        left_out_count=len(left_out),
        is_whole=inspection.is_whole,
    )


def violation(rule: Rule, finding: Finding) -> Violation:
    """One finding as it is told; what stands in a repository is told so that it can be printed."""
    fact, remedy = _shown(finding.fact), _shown(finding.remedy)
    return Violation(
        rule=rule.id,
        type=finding.kind,
        severity=severity_of(rule),
        file=_shown(finding.file),
        line=finding.line,
        message=fact,
        recommendation=remedy,
        fact=fact,
        remedy=remedy,
        section=_shown_if(finding.section),
        referenced_path=_shown_if(finding.referenced_path),
        link_url=_shown_if(finding.link_url),
        resolved_path=_shown_if(finding.resolved_path),
        count=finding.count,
    )


def _file_results(
    found: Sequence[Violation], verdicts: Iterable[Verdict], priorities: Mapping[str, Severity]
) -> list[FileResult]:
    by_file: dict[str, list[Violation]] = {_shown(path): [] for path in priorities}
    for one in found:
        by_file.setdefault(one.file, []).append(one)
    checks: dict[str, int] = defaultdict(int)
    for verdict in verdicts:
        for path in verdict.files:
            checks[_shown(path)] += 1
    matters = {_shown(path): severity for path, severity in priorities.items()}
    left = _LISTED_BYTES
    results: list[FileResult] = []
    for file, violations in sorted(by_file.items(), key=lambda one: not one[1])[:_FILES_LISTED]:
        violations.sort(key=lambda one: (SEVERITIES.index(one.severity), one.line or 0))
        shown = fitting(violations[:_LISTED_PER_FILE], most_bytes=left)
        left -= sum(map(json_size, shown))
        priority = matters.get(file) or violations[0].severity
        results.append(
            FileResult(
                file=file,
                priority=priority,
                violations=shown,
                checks_performed=checks[file],
                violation_count=len(violations),
            )
        )
    return results


def _recommendations(found: Iterable[Violation]) -> list[str]:
    """The remedies, worst first: each once, with the first place it is for."""
    worst_first = sorted(found, key=lambda one: SEVERITIES.index(one.severity))
    said = {one.remedy: f"{one.file}: {one.remedy}" for one in reversed(worst_first)}
    return [said[remedy] for remedy in dict.fromkeys(one.remedy for one in worst_first)][:_RECOMMENDATIONS]


def _shown(text: str) -> str:
    return printable(text[:_LONGEST_TEXT])


def _shown_if(text: str | None) -> str | None:
    return None if text is None else _shown(text)
