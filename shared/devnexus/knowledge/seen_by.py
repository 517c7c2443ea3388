"""Who sees a pattern or found a decision, in words."""


def seen_by(source: str) -> str:
    """Empty where only the rules or a person do."""
    return {"claude": "seen by Claude", "both": "seen by the rules and Claude"}.get(source, "")
