"""What runs apart from the notifier: apprise, which makes its own connections, for one message.

In a process of its own it can be ended in time and watched while it connects, whichever of its services it
is, and its 500 modules are loaded only where a target needs them.
"""

import ipaddress
import sys
from collections.abc import Iterator, Sequence

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat, OverflowMode, PersistentStoreMode

from devnexus.outbound import is_public
from devnexus.values import canonical_json
from notifier.apprise_task import Outcome, Task

_WATCHED = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
"""https://docs.python.org/3/library/audit_events.html"""


def main() -> None:
    """Do the task on stdin and write its outcome to stdout."""
    task = Task.model_validate_json(sys.stdin.buffer.read())
    sys.stdout.buffer.write(canonical_json(perform(task).model_dump(mode="json")))


def perform(task: Task) -> Outcome:
    """Tell the service, unless there is nothing to be told."""
    asset = AppriseAsset(
        storage_mode=PersistentStoreMode.MEMORY,
        http_redirects=False,
        interpret_emojis=False,
        app_id="dev-nexus",
    )
    service = Apprise.instantiate(task.url, asset=asset)
    if service is None:
        return Outcome()
    if not task.body:
        return Outcome(schemes=_schemes(service))
    service.redirects = False
    if "overflow=" not in task.url:
        service.overflow_mode = OverflowMode.TRUNCATE
    refused: list[str] = []
    if not task.allow_private:
        _watch_connections(refused)
    result = Apprise(service, asset=asset).notify(
        title=task.title, body=task.body, body_format=NotifyFormat.TEXT, timeout=task.seconds
    )
    return Outcome(
        schemes=_schemes(service),
        taken=bool(result),
        private=refused[0] if refused else None,
        said=tuple(entry.message for entry in result.logs()),
    )


def _schemes(service: NotifyBase) -> tuple[str, ...]:
    return tuple(sorted({*_listed(service.protocol), *_listed(service.secure_protocol)}))


def _listed(schemes: str | Sequence[str] | None) -> Iterator[str]:
    if schemes:
        yield from (schemes,) if isinstance(schemes, str) else schemes


def _watch_connections(refused: list[str]) -> None:
    """Let no connection be made to an address that is not public, from now on to the end of the process."""

    def look(event: str, arguments: tuple[object, ...]) -> None:
        if event in _WATCHED and arguments[1] is not None:
            host = arguments[1][0] if isinstance(arguments[1], tuple) else "a socket of this machine"
            if not _is_public(str(host)):
                refused.append(str(host))
                raise PermissionError(f"{host} is not public")

    sys.addaudithook(look)


def _is_public(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False  # a name: what it would lead to is not known yet
    return is_public(host)


if __name__ == "__main__":
    main()
