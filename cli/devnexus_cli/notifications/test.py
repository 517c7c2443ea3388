"""`devnexus notifications test`: whether a message arrives at a target, and if not, what to do."""

import os
import time
import uuid
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from devnexus.errors import ConfigurationError
from devnexus.printable import printable
from devnexus.settings import yes_or_no
from devnexus_cli.dead_letters import home_option
from devnexus_cli.figures import count, span
from devnexus_cli.notifications.log import disabled_text
from devnexus_cli.notifications.options import database_option

if TYPE_CHECKING:  # these come with the services, not with the bare command line
    from sqlalchemy import Engine

    from notifier.channel import Channel, DeliveryFailed
    from notifier.delivery_log import DisabledTarget

_PRIVATE = "ALLOW_PRIVATE_TARGETS"
_NO_COMMIT = "0" * 40


@click.command("test", short_help="Send a test message to TARGET.")
@click.argument("target", metavar="TARGET")
@click.option(
    "--routes",
    envvar="ROUTES_FILE",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The notifier's file of targets [default: ROUTES_FILE, else the default routes].",
)
@database_option
@home_option
def test_command(target: str, routes: Path | None, database: str | None, home: Path) -> None:
    """Send one message to TARGET that says that it is a test, as the notifier would, and say what happened.

    Secrets and ALLOW_PRIVATE_TARGETS come from the environment, as the notifier's do. A disabled target that
    takes the message is enabled: what waited for it goes out. Exits with 0 only if it was taken.
    """
    # What these import comes with the services, not with the bare command line.
    from devnexus_cli.notifications.operational_store import opened, store_url  # noqa: PLC0415
    from notifier.channel import DeliveryFailed  # noqa: PLC0415

    url = store_url(database, home)
    allow_private = _may_be_private(is_local=database is None and url is not None)
    kind, channel, file = _open(target, routes, allow_private=allow_private)
    with opened(url) if url else nullcontext() as engine:
        disabled = _disabled(engine, target)
        began = time.monotonic()
        try:
            delivery_id = _send(channel, target)
        except DeliveryFailed as failure:
            what = f"{target} ({kind}) did not take it: {failure}. {_remedy(failure, target, file)}"
            still = [f"! {disabled_text(disabled)}"] if disabled else []
            raise click.ClickException("\n".join(map(printable, (what, *still)))) from failure
        click.echo(f"{target} ({kind}) took it in {time.monotonic() - began:.1f} s, as {delivery_id}")
        if enabled := _enable(engine, target, disabled):
            click.echo(printable(enabled))


def _may_be_private(*, is_local: bool) -> bool:
    """As the notifier has it; a run on this machine allows it."""
    try:
        return yes_or_no(os.environ.get(_PRIVATE) or ("true" if is_local else "false"))
    except ValueError as error:
        raise ConfigurationError(f"{_PRIVATE}: {error}") from error


def _open(target: str, routes: Path | None, *, allow_private: bool) -> tuple[str, "Channel", str]:
    """The name of its channel, the channel, and where the target stands. Raises ConfigurationError."""
    from notifier.channel import Surroundings  # noqa: PLC0415 - as above
    from notifier.routes import load_kinds, open_channels, read_routes  # noqa: PLC0415

    kinds = load_kinds()
    file = read_routes(routes, kinds)
    if target not in file.targets:
        known = ", ".join(sorted(file.targets)) or "none"
        hint = "" if routes else ". Name the notifier's file: --routes FILE, or ROUTES_FILE"
        raise ConfigurationError(f"{file.file}: there is no target {target!r}; targets are {known}{hint}")
    alone = replace(file, targets={target: file.targets[target]})
    channels = open_channels(alone, kinds, Surroundings(os.environ, allow_private_targets=allow_private))
    return file.targets[target].channel, channels[target], file.file


def _send(channel: "Channel", target: str) -> str:
    """The id under which the target was told; raise DeliveryFailed if it was not."""
    from devnexus.events.notification_requested import Notice  # noqa: PLC0415 - only this command's
    from devnexus.events.similarity_computed import Named, Push  # noqa: PLC0415

    now = datetime.now(UTC)
    notice = Notice(
        repository=Named(id="dev-nexus/test", name="dev-nexus/test"),
        revision=_NO_COMMIT,
        commit=_NO_COMMIT,
        at=now,
        push=Push(branch="test", message="This is a test: nothing has happened"),
        test=True,
    )
    delivery_id = f"test:{uuid.uuid4().hex}:{target}"
    channel.send(delivery_id, notice, now)
    return delivery_id


def _remedy(failure: "DeliveryFailed", target: str, file: str) -> str:
    if failure.disables:
        return f"It is gone, or lets us in no more: put targets.{target} in {file} right, then test again"
    if failure.permanent:
        return f"It will not take this message at any time; look at targets.{target} in {file}"
    if failure.retry_after:
        return f"It asks to be left alone for {span(failure.retry_after)}: test again then"
    return "That may pass, and the notifier would try again by itself: look at the target, then test again"


def _disabled(engine: "Engine | None", target: str) -> "DisabledTarget | None":
    from notifier.delivery_log import DeliveryLog  # noqa: PLC0415 - as above

    if engine is None:
        return None
    return next((one for one in DeliveryLog(engine).disabled() if one.target == target), None)


def _enable(engine: "Engine | None", target: str, disabled: "DisabledTarget | None") -> str:
    from notifier.sql_deliveries import SqlDeliveries  # noqa: PLC0415 - as above

    if engine is None:
        return "Whether it was disabled is not known here: name the notifier's store with --database"
    SqlDeliveries(engine).enable(target)
    if disabled is None:
        return ""
    waited = count(disabled.waiting, "message that waited for it goes", "messages that waited for it go")
    return f"It was disabled ({disabled.reason}) and is enabled now: {waited} out"
