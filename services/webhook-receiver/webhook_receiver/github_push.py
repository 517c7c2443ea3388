"""GitHub's `push` webhook: https://docs.github.com/en/webhooks/webhook-events-and-payloads#push"""

from datetime import UTC, datetime

from pydantic import ValidationError

from devnexus.events import CommitPushed
from devnexus.events.event import describe
from devnexus.git_names import is_no_commit
from webhook_receiver.wire import Ignored, Malformed, Wire, WireRepository, read


class _Repository(WireRepository):
    html_url: str
    default_branch: str


class _Push(Wire):
    ref: str
    before: str
    after: str
    deleted: bool = False
    repository: _Repository


def parse_push(payload: object) -> CommitPushed | Ignored:
    """The event in a push, or why there is none; raise Malformed if it is no such payload."""
    push = read(_Push, payload)
    branch = push.ref.removeprefix("refs/heads/")
    if push.deleted or is_no_commit(push.after):
        return Ignored("the ref was deleted")
    if branch == push.ref:
        return Ignored("not a branch")
    if branch != push.repository.default_branch:
        return Ignored("not the default branch")
    return _event(push)


def _event(push: _Push) -> CommitPushed:
    if push.repository.pushed_at is None:
        raise Malformed("repository.pushed_at: missing, and nothing else says when this was")
    try:
        return CommitPushed(
            cause="live",
            repository=push.repository.repository(),
            ref=push.ref,
            before=push.before,
            after=push.after,
            pushed_at=_moment(push.repository.pushed_at),
        )
    except ValidationError as error:
        raise Malformed(describe(error)) from error
    except (ValueError, OverflowError, OSError) as error:
        raise Malformed(f"repository: {error}") from error


def _moment(pushed_at: int | datetime) -> datetime:
    return pushed_at if isinstance(pushed_at, datetime) else datetime.fromtimestamp(pushed_at, UTC)
