"""What was said, held against the code and joined with what the rules see."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from devnexus.events.patterns_extracted import ClaudeReceipt, FileReading, Pattern
from extractor.claude.account import account
from extractor.claude.brief import PROMPT_VERSION
from extractor.claude.calls import Spent
from extractor.claude.matter import Matter, SecondReading
from extractor.claude.meaning import Meaning
from extractor.claude.proven_decisions import agreement
from extractor.claude.questions import Answers
from extractor.claude.said import Said
from extractor.claude.verification import Proven, verify

_MOST_SUGGESTIONS = 50
"""Of one push: people read them."""


def second_reading(
    matter: Matter,
    answers: Answers,
    *,
    meaning: Meaning,
    model: str,
    spent: Spent,
    own: frozenset[str],
) -> SecondReading:
    """Both readings as one; `spent` and `own` are what calls for this very push took and were about."""
    files = {file.path: file for file in matter.reading.files}
    proven = {
        path: verify(
            said,
            replace(piece),  # its lines are let go with it
            meaning=meaning,
            file=files[path],
            come_or_gone=matter.come_or_gone,
            ruled=matter.decisions,
        )
        if said != Said()
        else Proven()
        for path, (piece, said) in sorted(answers.said.items())
    }
    receipt = _receipt(matter, answers, proven.values(), model=model, spent=spent, own=own)
    together = replace(
        matter.reading,
        files=tuple(
            _file(file, answers, proven.get(file.path), is_tree=matter.is_tree)
            for file in matter.reading.files
        ),
        patterns=_patterns(matter.reading.patterns, proven.values(), meaning),
        receipt=matter.reading.receipt.model_copy(update={"claude": receipt}),
    )
    claimed = [decision for one in proven.values() for decision in one.decisions if not matter.is_by_bots]
    suggestions = [suggestion for one in proven.values() for suggestion in one.suggestions]
    return SecondReading(
        reading=together,
        decisions=agreement(matter.decisions, claimed),
        suggestions=tuple(suggestions[:_MOST_SUGGESTIONS]),
        later=answers.later,
    )


def _file(file: FileReading, answers: Answers, proven: Proven | None, *, is_tree: bool) -> FileReading:
    # in a tree they take the place of what was known: half of them would take the other half away
    is_half = is_tree and file.path in answers.open
    told = {
        "gone": answers.gone.get(file.path),
        "claims": proven.claims if proven and not is_half else None,
    }
    return file.model_copy(update={key: value for key, value in told.items() if value is not None})


def _patterns(ruled: tuple[Pattern, ...], proven: Iterable[Proven], meaning: Meaning) -> tuple[Pattern, ...]:
    """Those that the rules see, and those that are only claimed, in order of id."""
    claimed = {claim.pattern for one in proven for claim in one.claims}
    known = {pattern.id: pattern for pattern in meaning.patterns if pattern.id in claimed}
    known.update({pattern.id: pattern for pattern in ruled})
    return tuple(known[id_] for id_ in sorted(known))


def _receipt(
    matter: Matter,
    answers: Answers,
    proven: Iterable[Proven],
    *,
    model: str,
    spent: Spent,
    own: frozenset[str],
) -> ClaudeReceipt:
    outcome, because = _outcome(answers)
    counts: Counter[str] = Counter()
    for one in proven:
        counts.update(made=one.made, unverified=one.unverified, unproven=one.unproven)
    read_now = [path for path in answers.said if not own.isdisjoint(answers.asked[path])]
    return ClaudeReceipt(
        outcome=outcome,
        because=because,
        model=model,
        prompt=PROMPT_VERSION,
        files=len(read_now),
        known=len(answers.said) - len(read_now),
        left_out=account(matter.reading.read, answers.whole, {**answers.because, **answers.unanswered}),
        calls=spent.calls,
        cost_usd=spent.cost_usd,
        claims=counts["made"],
        unverified=counts["unverified"],
        unproven=counts["unproven"],
        **dict(spent.usage),
    )


def _outcome(answers: Answers) -> tuple[Literal["read", "partly", "not-read"], str]:
    if not answers.unanswered:
        return "read", ""
    reasons = Counter(answers.unanswered.values())
    because = answers.later or min(reasons, key=lambda reason: (-reasons[reason], reason))
    return ("partly" if answers.said else "not-read"), because
