"""Programs that commit: what they do is upkeep, not something that people decided."""

import re

_BOT = re.compile(
    r"\[bot\]|^(?:dependabot|renovate|pre-commit-ci|github-actions|greenkeeper|snyk-bot|pyup-bot|mergify"
    r"|semantic-release-bot|allcontributors|weblate|hosted weblate|web-flow|pyup\.io bot|scala steward)\b",
    re.IGNORECASE,
)


def is_bot(author: str) -> bool:
    """Whether an author of this name is a program."""
    return bool(_BOT.search(author))
