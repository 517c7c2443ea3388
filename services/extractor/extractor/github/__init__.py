"""Repositories on GitHub, read through its API: nothing is cloned."""

from extractor.github.diffs import GitHubDiffs

__all__ = ["GitHubDiffs"]
