"""Who read what, in words for people."""

from collections import Counter
from collections.abc import Iterable

from devnexus.events import PatternsExtracted
from devnexus_cli.figures import count

_REASONS_SHOWN = 3


def readers_of(records: Iterable[PatternsExtracted]) -> str:
    """Who read these pushes and snapshots, what Claude cost, and why it did not read the rest."""
    receipts = [record.receipt.claude for record in records if record.receipt.claude]
    if not receipts:
        return "rules, no Claude key"
    outcomes = Counter(claude.outcome for claude in receipts)
    models = sorted({claude.model for claude in receipts if claude.outcome != "not-read"})
    of_all = count(len(receipts), "push or snapshot", "pushes and snapshots")
    said = f"rules, and by {' and '.join(models) or 'Claude'} {outcomes['read']} of {of_all}"
    if outcomes["partly"]:
        said += f", {outcomes['partly']} in part"
    reasons = Counter(claude.because for claude in receipts if claude.outcome == "not-read")
    left = [f"{number} not: {reason}" for reason, number in reasons.most_common(_REASONS_SHOWN)]
    return "; ".join([f"{said}, for {sum(claude.cost_usd for claude in receipts):.4f} USD", *left])
