"""What Claude had to do with a push or snapshot, in sentences."""

from devnexus.events.patterns_extracted import ClaudeReceipt


def part_of_claude(receipt: ClaudeReceipt | None) -> str:
    """How much of it Claude read, and why not more."""
    if receipt is None:
        return "The rules read it alone: Claude had no part in it."
    match receipt.outcome:
        case "not-read":
            return f"Claude did not read it{_why(receipt)}."
        case "partly":
            return f"Claude read part of it{_why(receipt)}. {_read(receipt)}".rstrip()
    return _read(receipt) or "Nothing in it was for Claude to read."


def fate_of_claims(receipt: ClaudeReceipt) -> str:
    """What became of what it said; empty where it said nothing."""
    if not receipt.claims:
        return ""
    dropped = {
        "its quote does not stand in what Claude was given": receipt.unverified,
        "the code proves nothing of the kind": receipt.unproven,
    }
    why = " and ".join(f"{number:,} because {reason}" for reason, number in dropped.items() if number)
    return f"Claude made {_count(receipt.claims, 'claim')}; dropped: {why or 'none'}."


def _why(receipt: ClaudeReceipt) -> str:
    return f": {receipt.because}" if receipt.because else ""


def _read(receipt: ClaudeReceipt) -> str:
    said = [f"Claude read {_count(receipt.files, 'file')}."] if receipt.files else []
    if receipt.known:
        said.append(f"What it says of {_count(receipt.known, 'file')} was known already, and cost nothing.")
    return " ".join(said)


def _count(number: int, one: str) -> str:
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"
