"""What a push did to its files, as differences that may be shown: without secrets, and not too long."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from devnexus.events import PatternsExtracted
from devnexus.git import GitFailed, run_git
from devnexus.people.organisation import Organisation
from devnexus.redact import redact
from devnexus.values import Value
from devnexus_cli.analyze.which_push import Asked
from extractor.policy import policy_of
from extractor.roles import role_of

MOST_FILES = 1_000
"""Files that are named."""

_MOST_DIFFS = 100
_DIFF_CHARACTERS = 4_000
_LONGEST_PATH_BYTES = 4_096
_DIFF = ("diff-tree", "-r", "-p", "-U3", "--no-color", "--no-ext-diff", "--no-textconv")

ReasonNotToShow = Callable[[str], str | None]


class FileChange(Value):
    """What became of one file."""

    path: str
    change_type: Literal["added", "modified", "removed"]
    diff: str = ""
    """A unified diff without its secrets."""
    diff_left_out: str | None = None
    """Why the diff is not there, or not all of it."""


def file_changes(
    asked: Asked, record: PatternsExtracted, organisation: Organisation
) -> tuple[FileChange, ...]:
    """The files of the push, in order; those that nobody may read, or too many, without their difference."""
    reason = _reasons(asked, organisation)
    changes: list[FileChange] = []
    shown = 0
    for file in record.files[:MOST_FILES]:
        change = FileChange(path=file.path, change_type=file.status)
        why_not = reason(file.path)
        if why_not is None and shown == _MOST_DIFFS:
            why_not = f"beyond the first {_MOST_DIFFS} differences"
        if why_not is None:
            shown += 1
            changes.append(_with_diff(change, asked, record))
        else:
            changes.append(change.model_copy(update={"diff_left_out": why_not}))
    return tuple(changes)


def _reasons(asked: Asked, organisation: Organisation) -> ReasonNotToShow:
    def root_file(path: str) -> bytes | None:
        try:
            return run_git(asked.clone, "cat-file", "blob", f"{asked.push.after}:{path}")
        except GitFailed:
            return None  # there is no such file

    policy = policy_of(asked.push.repository, organisation, root_file)
    return lambda path: policy.reason_not_to_read(path) or role_of(path).not_read_because


def _with_diff(change: FileChange, asked: Asked, record: PatternsExtracted) -> FileChange:
    if len(change.path.encode("utf-8", "replace")) > _LONGEST_PATH_BYTES:
        return change.model_copy(update={"diff_left_out": "its path is too long"})
    text = redact(_diff(asked.clone, record.before or "", record.after, [change.path])).text
    if len(text) <= _DIFF_CHARACTERS:
        return change.model_copy(update={"diff": text})
    # Cut only now: half a secret is not recognised.
    left_out = f"{len(text) - _DIFF_CHARACTERS} more characters"
    return change.model_copy(update={"diff": text[:_DIFF_CHARACTERS], "diff_left_out": left_out})


def _diff(clone: Path, before: str, after: str, paths: Sequence[str]) -> str:
    names = [f":(top,literal){path}" for path in paths]
    return run_git(clone, *_DIFF, before, after, "--", *names).decode("utf-8", "replace")
