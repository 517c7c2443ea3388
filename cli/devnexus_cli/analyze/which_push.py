"""Which push is to be analysed: that of a run of GitHub Actions, or a range of a clone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from devnexus.errors import ConfigurationError
from devnexus.events import CommitPushed
from devnexus.events.event import describe
from devnexus.git import GitFailed, run_git
from devnexus.git_names import ObjectId, is_no_commit
from devnexus.timestamps import from_seconds
from devnexus.values import load_json
from devnexus_cli.extraction.asked import BadRange, push_of
from devnexus_cli.local_repository import LocalRepository, NotUsable, newest_pushes, open_local
from devnexus_cli.webhook import push_payload
from webhook_receiver.github_push import parse_push
from webhook_receiver.wire import Ignored, Malformed, load

_MAX_EVENT_BYTES = 25 * 1024 * 1024
_REMEDY = "check out all of the history: fetch-depth: 0 (elsewhere: git fetch --unshallow)"


@dataclass(frozen=True)
class Asked:
    """A push to be analysed, and the clone that holds it."""

    push: CommitPushed
    clone: Path
    is_proposed: bool = False
    """A pull request: it has not happened yet, and nothing of it may be written."""


@dataclass(frozen=True)
class Nothing:
    """There is nothing to be analysed, and why."""

    reason: str


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Repository(_Wire):
    id: int
    full_name: str
    default_branch: str
    html_url: str
    private: bool = True


class _Side(_Wire):
    sha: ObjectId


class _PullRequest(_Wire):
    base: _Side
    head: _Side


class _Event(_Wire):
    """The event file of a run, as far as it is used where the run was not started by a push."""

    repository: _Repository | None = None
    pull_request: _PullRequest | None = None


def which_push(folder: Path, span: str | None, environment: Mapping[str, str]) -> Asked | Nothing:
    """What to analyse of the clone in `folder`; in GitHub Actions ids are the same as the webhook's.

    Raises ConfigurationError, with the remedy, where the clone does not hold the push, or where what the
    run tells of it cannot be read.
    """
    try:
        local = open_local(folder)
    except NotUsable as error:
        raise ConfigurationError(str(error)) from error
    asked = _of_range(local, span, environment) if span else _of_run(local, environment)
    if isinstance(asked, Asked):
        _require_history(asked)
    return asked


def _of_run(local: LocalRepository, environment: Mapping[str, str]) -> Asked | Nothing:
    if not _in_actions(environment):
        return Asked(_only_event(push_payload(local, newest_pushes(local, 1)[-1])), local.path)
    kind = environment.get("GITHUB_EVENT_NAME", "")
    if kind == "push":
        event = _parsed(_event_file(environment))
        if isinstance(event, Ignored):
            return Nothing(event.reason)
        return Asked(event, local.path)
    if kind != "pull_request":
        return Nothing(f"this run was started by {kind or 'no event'}, not by a push; --range A..B names one")
    request = _event(environment).pull_request
    if request is None:
        raise ConfigurationError("GITHUB_EVENT_PATH: the event of a pull request names none")
    before = _fork_point(local.path, request.base.sha, request.head.sha)
    return Asked(_event_between(local, before, request.head.sha, environment), local.path, is_proposed=True)


def _of_range(local: LocalRepository, span: str, environment: Mapping[str, str]) -> Asked | Nothing:
    try:
        push = push_of(local, span)
    except BadRange as error:
        raise ConfigurationError(f"--range: {error}") from error
    if push.before == push.after:
        return Nothing(f"{span} is one commit, and nothing lies between")
    if _in_actions(environment):
        push = _event_between(local, push.before, push.after, environment)
    return Asked(push, local.path)


def _in_actions(environment: Mapping[str, str]) -> bool:
    return environment.get("GITHUB_ACTIONS") == "true"


def _event_file(environment: Mapping[str, str]) -> bytes:
    path = Path(environment.get("GITHUB_EVENT_PATH", ""))
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_EVENT_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"GITHUB_EVENT_PATH: {path} cannot be read: {error.strerror}") from error
    if len(content) > _MAX_EVENT_BYTES:
        raise ConfigurationError(f"GITHUB_EVENT_PATH: {path} is larger than any event")
    return content


def _event(environment: Mapping[str, str]) -> _Event:
    try:
        return _Event.model_validate(load_json(_event_file(environment)))
    except ValidationError as error:
        raise ConfigurationError(f"GITHUB_EVENT_PATH: no event of GitHub: {describe(error)}") from error
    except ValueError as error:
        raise ConfigurationError(f"GITHUB_EVENT_PATH: not JSON: {error}") from error


def _parsed(payload: bytes) -> CommitPushed | Ignored:
    try:
        return parse_push(load(payload))
    except Malformed as error:
        raise ConfigurationError(f"GITHUB_EVENT_PATH: not a push: {error}") from error


def _event_between(
    local: LocalRepository, before: str, after: str, environment: Mapping[str, str]
) -> CommitPushed:
    """What the webhook would have said, had `before`..`after` been pushed when `after` was committed."""
    repository = _event(environment).repository or _from_variables(local, environment)
    payload = {
        "ref": f"refs/heads/{repository.default_branch}",
        "before": before,
        "after": after,
        "repository": {**repository.model_dump(), "pushed_at": _seconds(local.path, after)},
    }
    return _only_event(payload)


def _from_variables(local: LocalRepository, environment: Mapping[str, str]) -> _Repository:
    name = environment.get("GITHUB_REPOSITORY", "")
    try:
        return _Repository.model_validate(
            {
                "id": environment.get("GITHUB_REPOSITORY_ID"),
                "full_name": name,
                "default_branch": local.branch,
                "html_url": f"{environment.get('GITHUB_SERVER_URL', 'https://github.com')}/{name}",
            }
        )
    except ValidationError as error:
        raise ConfigurationError(f"GITHUB_REPOSITORY_ID is no number: {describe(error)}") from error


def _only_event(payload: Mapping[str, object]) -> CommitPushed:
    event = _parsed(json.dumps(payload).encode())
    if isinstance(event, Ignored):
        raise ConfigurationError(event.reason)
    return event


def _fork_point(clone: Path, base: str, head: str) -> str:
    try:
        return run_git(clone, "merge-base", base, head).decode().strip()
    except GitFailed:
        return base  # one of them is not there, which is told of later, or they have nothing in common


def _seconds(clone: Path, commit: str) -> int:
    listing = run_git(clone, "log", "--max-count=1", "--format=%ct", commit, "--").decode()
    return int(from_seconds(listing).timestamp())


def _require_history(asked: Asked) -> None:
    before, after = asked.push.before, asked.push.after
    if not _succeeds(asked.clone, "cat-file", "-e", f"{after}^{{commit}}"):
        raise ConfigurationError(f"commit {after} is not in {asked.clone}: {_REMEDY}")
    is_shallow = run_git(asked.clone, "rev-parse", "--is-shallow-repository").strip() == b"true"
    if not is_shallow or is_no_commit(before):
        return
    if not _succeeds(asked.clone, "merge-base", "--is-ancestor", before, after):
        raise ConfigurationError(
            f"{asked.clone} is a shallow clone that does not reach back to {before[:12]}, where the push "
            f"starts: {_REMEDY}"
        )


def _succeeds(clone: Path, *arguments: str) -> bool:
    try:
        run_git(clone, *arguments)
    except GitFailed:
        return False
    return True
