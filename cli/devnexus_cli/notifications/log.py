"""`devnexus notifications log`: was it sent, to whom, and why not."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from devnexus.printable import printable
from devnexus.timestamps import as_utc, write
from devnexus_cli.dead_letters import home_option
from devnexus_cli.figures import count, span
from devnexus_cli.notifications.options import database_option

if TYPE_CHECKING:  # it comes with the services, not with the bare command line
    from notifier.delivery_log import DisabledTarget, Entry

_SHOWN = 50
_AGO = re.compile(r"([0-9]{1,6})(min|h|d)")
_UNITS = {"min": "minutes", "h": "hours", "d": "days"}


def _moment(context: click.Context, parameter: click.Parameter, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        if match := _AGO.fullmatch(text):
            return datetime.now(UTC) - timedelta(**{_UNITS[match[2]]: int(match[1])})
        return as_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(
            f"{text!r} is neither a time such as 2026-01-31 nor 90min, 12h or 3d"
        ) from error


@click.command("log", short_help="Was it sent, to whom, and why not.")
@click.option("--target", metavar="NAME", help="Only what concerns this target.")
@click.option("--repository", metavar="REPO", help="Only messages about <owner>/<name>, or an id.")
@click.option("--since", metavar="WHEN", callback=_moment, help="Such as 12h, 3d or 2026-01-31.")
@click.option("--last", type=click.IntRange(1), default=_SHOWN, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@database_option
@home_option
def log_command(
    target: str | None,
    repository: str | None,
    since: datetime | None,
    last: int,
    as_json: bool,
    database: str | None,
    home: Path,
) -> None:
    """List messages, newest first: when, to whom, what became of it after how many attempts, what, and why.

    Also what was decided not to tell, with the reason. A message that was told together with others names
    that digest. Looking changes no message.
    """
    # What these import comes with the services, not with the bare command line.
    from devnexus_cli.notifications.operational_store import opened, required_url  # noqa: PLC0415
    from notifier.delivery_log import Asked, DeliveryLog  # noqa: PLC0415

    with opened(required_url(database, home)) as engine:
        log = DeliveryLog(engine)
        entries = log.entries(Asked(last=last, target=target, repository=repository, since=since))
        disabled = [one for one in log.disabled() if target in {None, one.target}]
    if as_json:
        facts = {
            "entries": [_facts(entry) for entry in entries],
            "disabled_targets": [_disabled_facts(one) for one in disabled],
        }
        click.echo(json.dumps(facts, indent=2))
        return
    click.echo("\n".join(map(printable, _table(entries))) if entries else "no messages")
    for one in disabled:
        click.echo(printable(f"! {disabled_text(one)}"))


def disabled_text(disabled: "DisabledTarget") -> str:
    """What is wrong with a target, how much waits for it, and what to do."""
    waiting = count(disabled.waiting, "message waits", "messages wait")
    return (
        f"{disabled.target} is disabled since {write(disabled.since.replace(microsecond=0))}: "
        f"{disabled.reason}. {waiting}. Once it is put right: devnexus notifications test {disabled.target}"
    )


def _table(entries: Sequence["Entry"]) -> Iterator[str]:
    rows = [("WHEN", "TARGET", "STATE", "ATTEMPTS")]
    rows += [
        (write(entry.at.replace(microsecond=0)), entry.target or "-", entry.state, str(entry.attempts or "-"))
        for entry in entries
    ]
    texts = ["MESSAGE: WHY", *(f"{entry.message}{_why(entry)}" for entry in entries)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row, text in zip(rows, texts, strict=True):
        yield f"{'  '.join(f'{cell:<{width}}' for cell, width in zip(row, widths, strict=True))}  {text}"


def _why(entry: "Entry") -> str:
    if entry.digest_id and entry.state == "digested":
        return f": in {entry.digest_id}, which is {entry.digest_state or 'forgotten'}"
    said = [f"told as {entry.id}"] if entry.members else []
    said += [entry.reason] if entry.reason else []
    if entry.next_attempt_at:
        seconds = (entry.next_attempt_at - datetime.now(UTC)).total_seconds()
        said.append(f"next attempt in {span(seconds)}" if seconds > 0 else "about to be attempted")
    if entry.unclear:
        said.append(
            f"the outcome of {count(entry.unclear, 'attempt')} is not known, so it may have come twice"
        )
    return f": {'; '.join(said)}" if said else ""


def _facts(entry: "Entry") -> dict[str, Any]:
    return {
        "at": write(entry.at),
        "target": entry.target,
        "message": entry.message,
        "state": entry.state,
        "id": entry.id,
        "attempts": entry.attempts,
        "unclear": entry.unclear,
        "received": entry.received,
        "next_attempt_at": entry.next_attempt_at and write(entry.next_attempt_at),
        "finished_at": entry.finished_at and write(entry.finished_at),
        "reason": entry.reason,
        "digest_id": entry.digest_id,
        "digest_state": entry.digest_state,
        "members": entry.members,
    }


def _disabled_facts(disabled: "DisabledTarget") -> dict[str, Any]:
    return {
        "target": disabled.target,
        "since": write(disabled.since),
        "reason": disabled.reason,
        "waiting": disabled.waiting,
    }
