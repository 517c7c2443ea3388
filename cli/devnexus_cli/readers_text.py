"""Who read what, in words for people."""

from collections import Counter
from collections.abc import Iterable

from devnexus.events import PatternsExtracted
from devnexus.events.patterns_extracted import ClaudeReceipt, Receipt
from devnexus_cli.figures import count

_RULES_ALONE = "rules, no Claude key"


def readers_of_one(receipt: Receipt) -> str:
    """Who read one push or tree: what Claude did of it, what that cost, and why not all."""
    claude = receipt.claude
    if claude is None:
        return _RULES_ALONE
    if claude.outcome == "not-read":
        return f"rules alone, not {claude.model}: {claude.because}{_price(claude)}"
    known = f", {claude.known} as known before" if claude.known else ""
    rest = f"; not the rest: {claude.because}" if claude.because else ""
    return f"rules, and {claude.model} {count(claude.files, 'file')}{known}{_price(claude)}{rest}"


def readers_of_all(records: Iterable[PatternsExtracted]) -> str:
    """The same for many pushes and snapshots together."""
    receipts = [record.receipt.claude for record in records if record.receipt.claude]
    if not receipts:
        return _RULES_ALONE
    outcomes = Counter(claude.outcome for claude in receipts)
    models = " and ".join(sorted({claude.model for claude in receipts if claude.outcome != "not-read"}))
    asked = count(len(receipts), "push or snapshot", "pushes and snapshots")
    said = f"rules, and {models or 'Claude'} {outcomes['read']} of {asked}"
    if outcomes["partly"]:
        said += f", {outcomes['partly']} in part"
    said += f", {_usd(sum(claude.cost_usd for claude in receipts))}"
    reasons = Counter(claude.because for claude in receipts if claude.outcome == "not-read")
    return "; ".join([said, *(f"{number} not: {reason}" for reason, number in reasons.most_common(3))])


def _price(claude: ClaudeReceipt) -> str:
    return f" for {_usd(claude.cost_usd)} in {count(claude.calls, 'call')}" if claude.calls else ""


def _usd(cost: float) -> str:
    return f"{cost:.4f} USD"
