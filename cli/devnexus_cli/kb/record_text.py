"""One record of history as a line of text."""

from devnexus.events import (
    DependenciesDeclared,
    DeploymentDescribed,
    KnowledgeImported,
    LessonLearned,
    PatternsExtracted,
    Record,
    RepositoryAdopted,
    RepositoryChanged,
    RepositoryRemoved,
    RepositoryRenamed,
    RuntimeIssueReported,
    RuntimeIssueUpdated,
)
from devnexus.events.patterns_extracted import ClaudeReceipt, Receipt
from devnexus.git_names import is_no_commit
from devnexus_cli.figures import count


def record_text(record: Record) -> str:
    """What the record says, in short."""
    match record:
        case PatternsExtracted():
            return f"{_analysis(record)} ({receipt_text(record.receipt)}){_suggested(record)}"
        case LessonLearned():
            return f"{record.severity}, {record.category}: {record.lesson} (by {record.caller})"
        case DependenciesDeclared():
            return f"{_counts(record.dependencies)} (by {record.caller})"
        case DeploymentDescribed():
            return f"{_counts(record.deployment)} (by {record.caller})"
        case RuntimeIssueReported():
            cause = record.root_cause or record.log_snippet.partition("\n")[0] or "no details"
            return (
                f"{record.severity} {record.issue_type} in {record.service_type}: {cause} ({record.issue_id})"
            )
        case RuntimeIssueUpdated():
            return f"{record.issue_id}: {record.status or 'more is known'} (by {record.caller})"
        case KnowledgeImported():
            return _import(record)
        case RepositoryRenamed():
            return f"from {record.former_name} to {record.repository.name}"
        case RepositoryAdopted():
            return f"what was known as {record.adopted} belongs to it"
        case RepositoryRemoved() if record.adopter:
            return f"belongs to {record.adopter}"
        case RepositoryChanged():
            said = record.model_dump(include={"visibility", "archived", "default_branch"}, exclude_none=True)
            return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in said.items())
        case _:
            return f"as {record.repository.name}"


def receipt_text(receipt: Receipt) -> str:
    """What was looked at, and what was not, in short."""
    parts = [f"{receipt.reader} v{receipt.rules_version}", f"{receipt.read} of {receipt.files} files read"]
    if clipped := sum(group.count for group in receipt.clipped):
        parts.append(f"{clipped} in part")
    if redacted := sum(one.count for one in receipt.redacted):
        parts.append(f"{redacted} likely secrets taken out")
    if receipt.claude:
        parts.append(_by_claude(receipt.claude))
    return ", ".join(parts)


def _by_claude(receipt: ClaudeReceipt) -> str:
    if receipt.outcome == "not-read":
        return f"not by Claude: {receipt.because}"
    known = f" and knew {receipt.known}" if receipt.known else ""
    why = f" but not all: {receipt.because}" if receipt.outcome == "partly" else ""
    return f"Claude read {receipt.files}{known}{why}, {receipt.cost_usd:.4f} USD"


def _analysis(record: PatternsExtracted) -> str:
    if record.subject == "snapshot":
        return f"the whole tree at {record.after[:7]}"
    before = "new" if record.before is None or is_no_commit(record.before) else record.before[:7]
    newest = f", {record.commits[0].author}: {record.commits[0].message}" if record.commits else ""
    recovered = "recovered " if record.recovered else ""
    return f"{recovered}{before}..{record.after[:7]} {count(record.commit_count, 'commit')}{newest}"


def _suggested(record: PatternsExtracted) -> str:
    number = len(record.suggestions)
    return f"; {count(number, 'suggestion')} that nothing proves" if number else ""


def _counts(section: dict[str, object]) -> str:
    """What a section of v2 holds: how many of each list, else the value."""
    said = [
        f"{len(value)} {name.replace('_', ' ')}"
        if isinstance(value, list | tuple | dict)
        else f"{name.replace('_', ' ')}: {value}"
        for name, value in sorted(section.items())
        if value not in (None, [], {}, ())
    ]
    return ", ".join(said) or "nothing"


def _import(record: KnowledgeImported) -> str:
    if record.part == "latest":
        return "what an earlier knowledge base knew at last"
    commit = str(record.content.get("commit_sha") or "")[:7]
    return f"an earlier analysis of {commit}: {record.content.get('commit_message') or 'no message'}"
