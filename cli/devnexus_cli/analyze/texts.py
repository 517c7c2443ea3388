"""Every text that `devnexus analyze` shows to people, as Markdown."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from devnexus.alike import sentences
from devnexus.events import PatternsExtracted, SimilarityComputed
from devnexus.events.patterns_extracted import ClaudeReceipt, FileReading, NotRead, Redaction
from devnexus.events.similarity_computed import Alike, PatternChange
from devnexus.git_names import is_no_commit
from devnexus.knowledge.confidence import strength
from devnexus.printable import printable
from devnexus_cli.analyze.analysis_file import PatternAnalysis
from devnexus_cli.figures import count

_SHOWN = 20
_CHARACTERS = 300
_SPECIAL = re.compile(
    r"[!-+;-@\[-^`{-~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?![0-9])|(?<=www)\.", re.IGNORECASE
)
"""What Markdown, or GitHub, could take for more than text: markup, a link, an emoji."""

PROPOSED = "Nothing was written: a pull request has not happened yet."
PUBLISHED = "The push was published; what the deployed services learn of it stands in their knowledge base."
KNOWN = "All of it was known already."
NO_KNOWLEDGE = (
    "It was compared with no other repository, since no knowledge base was given, or no secret for it."
)
HIDDEN = "It was compared with no other repository: people keep it out of the knowledge base's pages."
FIRST_SIGHT = "Its whole tree was read, so that all it holds may count as new."


def nothing(reason: str) -> str:
    """That there is nothing to analyse."""
    return f"Nothing to analyse: {escaped(reason)}."


def unread(repository: str) -> str:
    """The reason why nothing of a repository may be read."""
    return (
        f"{repository} is not to be read, as devnexus.yaml of the knowledge base or the repository's own "
        ".devnexus.yml says"
    )


def of_wish(is_proposed: bool, publish: bool) -> tuple[str, ...]:
    """Why nothing was written, if so."""
    if is_proposed:
        return (PROPOSED,)
    return (PUBLISHED,) if publish else ()


def of_knowledge(
    revision: str | None, *, is_kept: bool, was_read_whole: bool, is_shown: bool
) -> Iterator[str]:
    """What became of it in the knowledge base: `revision` is new, None where all was known."""
    if is_kept:
        yield f"Written to the knowledge base in revision {revision[:12]}." if revision else KNOWN
    if was_read_whole:
        yield FIRST_SIGHT
    if not is_shown:
        yield HIDDEN


def escaped(text: str) -> str:
    """`text` of a stranger as Markdown that shows just that, in one line that is not too long."""
    shown = printable(text)
    cut = shown if len(shown) <= _CHARACTERS else f"{shown[:_CHARACTERS]}…"
    return _SPECIAL.sub(lambda match: f"\\{match[0]}", cut)


@dataclass(frozen=True)
class Told:
    """What the summary is made of."""

    analysis: PatternAnalysis
    readings: Sequence[PatternsExtracted]
    """What was read, whole: the push first."""
    remarks: tuple[str, ...]
    """What became of it."""
    computed: SimilarityComputed | None = None
    standing: Mapping[str, str] | None = None
    """Id of each pattern that has enough evidence in the whole repository → who sees it; None: not known."""

    @property
    def own(self) -> PatternsExtracted:
        """The record of the push."""
        return self.readings[0]

    def with_remarks(self, *more: str) -> "Told":
        """The same with `more` remarks behind its own."""
        return replace(self, remarks=(*self.remarks, *more))


def summary(told: Told) -> str:
    """The summary of one push: patterns, likenesses, what was not looked at and what was taken out."""
    parts = [
        _headline(told.analysis),
        "\n".join(told.remarks),
        _section("Patterns", _patterns(told)),
        _section_if_any("What Claude read", _claude(told.readings)),
        _section_if_any("What Claude suggests, and no code proves", _suggested(told.analysis)),
        _section("Similar repositories", _similar(told.computed)),
        _section("Not looked at", _not_read(told.analysis)),
        _section("Likely secrets, taken out", _redacted(told.analysis)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _headline(analysis: PatternAnalysis) -> str:
    push, receipt = analysis.push, analysis.receipt
    before = "new" if is_no_commit(push.before) else push.before[:7]
    said = f"{count(push.commit_count, 'commit')}, {receipt.read} of {count(receipt.files, 'file')} read"
    if tree := analysis.tree_receipt:
        said += f"; of the whole tree {tree.read} of {tree.files}"
    return f"## {escaped(push.repository)} {before}..{push.after[:7]}\n\n{said}"


def _section(title: str, lines: Iterable[str]) -> str:
    found = list(lines)
    shown = found[:_SHOWN]
    if len(found) > _SHOWN:
        shown.append(f"- and {len(found) - _SHOWN} more")
    return "\n".join([f"### {title}", "", *(shown or ["- none"])])


def _section_if_any(title: str, lines: Iterable[str]) -> str:
    found = list(lines)
    return _section(title, found) if found else ""


def _patterns(told: Told) -> Iterator[str]:
    introduced = told.computed.introduced if told.computed else ()
    gone = told.computed.gone if told.computed else ()
    yield from (f"- introduced: {_pattern(change, told)}" for change in introduced)
    known = {change.id for change in introduced}
    added = {row.rule for file in told.own.files for row in file.rows if row.introduced}
    added |= {claim.pattern for file in told.own.files for claim in file.claims or ()}
    for pattern in told.own.patterns:
        if pattern.id not in known and (told.standing is None or pattern.id in told.standing):
            verb = "added to" if pattern.id in added else "touched"
            yield f"- {verb}: {escaped(pattern.name)}{_places(told, pattern.id)}"
    yield from (f"- gone: {escaped(change.name)}" for change in gone)


def _pattern(change: PatternChange, told: Told) -> str:
    where = f", {escaped(sentences.place(change.place))}" if change.place else ""
    sure = f"{strength(change.confidence)} {change.confidence:.2f}"
    return f"{escaped(change.name)} ({sure}{where}{_who(told, change.id)})"


def _places(told: Told, id_: str) -> str:
    places = [f"{file.path}:{line}" for file in told.own.files for line in _lines(file, id_)]
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return f" ({escaped(places[0])}{more}{_who(told, id_)})" if places else ""


def _lines(file: FileReading, id_: str) -> list[int]:
    ruled = [row.start for row in file.rows if row.rule == id_]
    claimed = {claim.line for claim in file.claims or () if claim.pattern == id_}
    return [*ruled, *sorted(claimed.difference(ruled))]


def _who(told: Told, id_: str) -> str:
    source = (told.standing or {}).get(id_, "rules")
    return {"claude": ", as Claude says", "both": ", and Claude says so too"}.get(source, "")


def _claude(readings: Sequence[PatternsExtracted]) -> Iterator[str]:
    for record in readings:
        receipt = record.receipt.claude
        if receipt is None:
            continue
        what = "the push" if record.subject == "push" else "the whole tree"
        yield f"- {what}: {_outcome(receipt)}, {count(receipt.calls, 'call')}, {receipt.cost_usd:.4f} USD"
        if receipt.claims:
            yield (
                f"- {what}: {count(receipt.claims, 'claim')}, of which {receipt.unverified} quoted what is "
                f"not there, and {receipt.unproven} the code does not bear out"
            )
        for group in receipt.left_out:
            if (receipt.outcome, group.reason) != ("not-read", receipt.because):
                yield f"- {what}, without {_group(group)}"


def _outcome(receipt: ClaudeReceipt) -> str:
    if receipt.outcome == "not-read":
        return f"read by rules alone: {escaped(receipt.because)}"
    known = f", {receipt.known} known before" if receipt.known else ""
    read = f"{count(receipt.files, 'file')} read by {escaped(receipt.model)}{known}"
    return f"{read}, not all of it: {escaped(receipt.because)}" if receipt.outcome == "partly" else read


def _suggested(analysis: PatternAnalysis) -> Iterator[str]:
    for one in analysis.suggestions:
        meant = f", which may mean {escaped(one.meant)}" if one.meant else ""
        where = f"{escaped(f'{one.path}:{one.line}')}: {escaped(one.quote)}"
        yield f"- {one.kind} {escaped(one.name)}{meant} ({where})"


def _similar(computed: SimilarityComputed | None) -> Iterator[str]:
    if computed is None:
        return
    for one in computed.alike:
        yield f"- {escaped(one.repository.name)} ({one.score:.2f}: {escaped(sentences.reasons(one))})"
        yield from _copies(computed, one)
    for lacking in computed.missing:
        yield f"- {escaped(sentences.missing(computed.repository, lacking))}"


def _copies(computed: SimilarityComputed, other: Alike) -> Iterator[str]:
    for component in other.components:
        yield f"  - {escaped(sentences.copy(computed.repository, other.repository, component))}"


def _not_read(analysis: PatternAnalysis) -> Iterator[str]:
    receipt = analysis.tree_receipt or analysis.receipt
    groups: Sequence[NotRead] = (*receipt.not_read, *receipt.clipped)
    for group in groups:
        yield f"- {_group(group)}"


def _group(group: NotRead) -> str:
    more = ", …" if group.count > 3 else ""
    return f"{group.count} × {escaped(group.reason)} ({escaped(', '.join(group.paths[:3]))}{more})"


def _redacted(analysis: PatternAnalysis) -> Iterator[str]:
    found: dict[Redaction, None] = dict.fromkeys(analysis.receipt.redacted)
    found.update(dict.fromkeys(analysis.tree_receipt.redacted if analysis.tree_receipt else ()))
    for one in found:
        yield f"- {one.count} × {escaped(one.kind)} ({escaped(one.path or 'what was said of a commit')})"
