"""`devnexus dead-letters`: what could not be handled, and how to try it again."""

import base64
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from devnexus.printable import printable
from devnexus.timestamps import write
from devnexus.topology import Subscription, load_topology
from devnexus.values import load_json
from devnexus_cli.figures import ago, count
from devnexus_cli.running import find_running, pubsub_project

if TYPE_CHECKING:  # its clients come with the services, not with the bare command line
    from devnexus.dead_letters import DeadLetter, DeadLetters

_LISTED = 100
_REPLAYED = 1000
_REASON_SHOWN = 100

project_option = click.option(
    "--project",
    envvar="GOOGLE_CLOUD_PROJECT",
    help="Google Cloud project [default: that of the run on this machine].",
)
home_option = click.option(
    "--home",
    type=click.Path(path_type=Path),
    default=Path(".devnexus"),
    show_default=True,
    help="Folder of a run on this machine.",
)


def _chosen(context: click.Context, parameter: click.Parameter, name: str | None) -> tuple[Subscription, ...]:
    topology = load_topology()
    if name is None:
        return topology.subscriptions
    by_name = {one.name: one for one in topology.subscriptions}
    found = by_name.get(name) or by_name.get(name.removesuffix("-dead"))
    if found is None:
        raise click.BadParameter(f"{name!r} is none of {', '.join(sorted(by_name))}")
    return (found,)


_SUBSCRIPTION = click.option(
    "--subscription",
    "subscriptions",
    metavar="NAME",
    callback=_chosen,
    help="Only the dead letters of this subscription, such as kb-writer [default: of all].",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("dead-letters")
def dead_letters() -> None:
    """What could not be handled: list, show, replay.

    A message that a service refuses for good, or that failed too often, waits for 31 days beside the
    subscription that could not handle it. Looking at it leaves it there. Find the cause first (a bug, a
    file that is too large, a newer version), then replay.
    """


@dead_letters.command("list")
@_SUBSCRIPTION
@click.option("--limit", type=click.IntRange(1), default=_LISTED, show_default=True, help="Per subscription.")
@_JSON
@project_option
@home_option
def list_command(
    subscriptions: tuple[Subscription, ...], limit: int, as_json: bool, project: str | None, home: Path
) -> None:
    """List what waits: id, subscription, age, attempts, event, and why."""
    with open_dead_letters(project, home) as door:
        found = [letter for some in peek_all(door, subscriptions, limit) for letter in some]
    if as_json:
        click.echo(json.dumps([_summary(letter) for letter in found], indent=2))
    elif not found:
        click.echo("no dead letters")
    else:
        click.echo("\n".join(_table(found)))
        click.echo(
            f"\n{count(len(found), 'dead letter')}. One in full: devnexus dead-letters show ID. "
            "Once the cause is gone: devnexus dead-letters replay ID…"
        )


@dead_letters.command("show")
@click.argument("letter_id", metavar="ID")
@_SUBSCRIPTION
@project_option
@home_option
def show_command(
    letter_id: str, subscriptions: tuple[Subscription, ...], project: str | None, home: Path
) -> None:
    """Print the dead letter ID as JSON: why it is there, its attributes, its data."""
    with open_dead_letters(project, home) as door:
        looked = peek_all(door, subscriptions, _REPLAYED)
    for letter in (letter for some in looked for letter in some):
        if letter.id == letter_id:
            click.echo(json.dumps({**_summary(letter), **_content(letter)}, indent=2))
            return
    raise click.ClickException(_unknown([letter_id]))


@dead_letters.command("replay")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="Everything that waits, up to 1000 per subscription.")
@_SUBSCRIPTION
@project_option
@home_option
def replay_command(
    ids: tuple[str, ...],
    everything: bool,
    subscriptions: tuple[Subscription, ...],
    project: str | None,
    home: Path,
) -> None:
    """Send dead letters again, each to the one subscription that could not handle it.

    Others of the same topic do not see it. Replaying twice is harmless. A message leaves the dead letters
    only when it was sent; if it fails again it comes back under the same ID.
    """
    if bool(ids) == everything:
        raise click.UsageError("name the IDs of dead letters, or all of them with --all")
    replayed: list[str] = []
    with open_dead_letters(project, home) as door:
        looked = peek_all(door, subscriptions, _REPLAYED)
        for subscription, letters in zip(subscriptions, looked, strict=True):
            if not (chosen := {letter.id for letter in letters if everything or letter.id in ids}):
                continue
            for letter in _replay(door, subscription, chosen):
                replayed.append(letter.id)
                click.echo(printable(f"{letter.id} → {subscription.name}  {letter.event_id}"))
    if missing := sorted(set(ids) - set(replayed)):
        raise click.ClickException(_unknown(missing))
    click.echo(f"{len(replayed)} replayed")


def peek_all(
    door: "DeadLetters", subscriptions: Sequence[Subscription], limit: int
) -> list[list["DeadLetter"]]:
    """The dead letters of each subscription, looked at side by side: each look waits for seconds."""
    with ThreadPoolExecutor(len(subscriptions)) as pool:
        return list(pool.map(lambda subscription: door.peek(subscription, limit=limit), subscriptions))


def _replay(door: "DeadLetters", subscription: Subscription, chosen: set[str]) -> Iterator["DeadLetter"]:
    with door.waiting(subscription, limit=_REPLAYED) as letters:
        for letter in letters:
            if letter.id in chosen:
                door.replay(letter, subscription)
                yield letter


@contextmanager
def open_dead_letters(project: str | None, home: Path) -> Iterator["DeadLetters"]:
    """The dead letters of a project, or of what runs with this home.

    Raises ConfigurationError where neither is known, and Unavailable where Pub/Sub cannot be reached.
    """
    from devnexus.dead_letters import DeadLetters  # noqa: PLC0415 - as above

    door = DeadLetters(project=pubsub_project(project, find_running(home)))
    try:
        yield door
    finally:
        door.close()


def _table(letters: Sequence["DeadLetter"]) -> Iterator[str]:
    rows = [("ID", "SUBSCRIPTION", "AGE", "ATTEMPTS", "EVENT", "REASON")]
    for letter in letters:
        age, attempts = ago(letter.parked_at), str(letter.attempts or "-")
        event = f"{letter.event_type or 'unknown'} {letter.event_id}".strip()
        rows.append((letter.id, letter.subscription, age, attempts, event, letter.reason[:_REASON_SHOWN]))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        fixed = "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False))
        yield printable(f"{fixed}  {row[4]}: {row[5]}" if row is not rows[0] else f"{fixed}  EVENT: REASON")


def _summary(letter: "DeadLetter") -> dict[str, Any]:
    return {
        "id": letter.id,
        "subscription": letter.subscription,
        "parked_at": write(letter.parked_at),
        "attempts": letter.attempts,
        "event_type": letter.event_type,
        "event_id": letter.event_id,
        "reason": letter.reason,
    }


def _content(letter: "DeadLetter") -> dict[str, Any]:
    """Attributes and data, the latter as JSON, else as text, else in base64."""
    attributes = dict(sorted(letter.attributes.items()))
    try:
        return {"attributes": attributes, "data": load_json(letter.data)}
    except ValueError:
        pass
    try:
        return {"attributes": attributes, "data_as_text": letter.data.decode()}
    except UnicodeDecodeError:
        return {"attributes": attributes, "data_in_base64": base64.b64encode(letter.data).decode()}


def _unknown(ids: Sequence[str]) -> str:
    return (
        f"no dead letter {', '.join(ids)} is waiting; it may have been replayed, or somebody else is "
        "looking at it right now. What waits: devnexus dead-letters list"
    )
