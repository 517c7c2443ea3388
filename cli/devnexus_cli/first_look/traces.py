"""Words in a tree that speak against the claim that something is not there."""

from pathlib import Path

from devnexus.git import GitFailed, run_git
from extractor.roles import Role, role_of

_PATIENCE_SECONDS = 4.0
_NOTHING_FOUND = 1
_NOT_LOOKS = tuple(f":(exclude,glob)**/*.{ending}" for ending in ("css", "less", "sass", "scss", "svg"))
"""How a page looks says nothing; in an icon font there is a word for everything."""


def has_trace(repository: Path, commit: str, words: str) -> bool:
    """Whether a file of the product matches `words`, an extended regular expression in any case.

    Also True where git cannot tell in time: nothing is claimed that has not been looked for.
    """
    asked = ("grep", "-I", "-i", "-l", "-z", "--full-name", "-E", "-e", words, commit, "--", *_NOT_LOOKS)
    try:
        found = run_git(repository, *asked, timeout_seconds=_PATIENCE_SECONDS)
    except GitFailed as error:
        return error.status != _NOTHING_FOUND
    paths = (name.partition(":")[2] for name in found.decode(errors="replace").split("\0"))
    return any(role_of(path) in {Role.SOURCE, Role.CONFIG, Role.CI} for path in paths if path)
