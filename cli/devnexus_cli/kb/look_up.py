"""Finding what people mean: a repository by its id or any of its names, a revision by date or id."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from difflib import get_close_matches

import click

from devnexus.errors import Unavailable
from devnexus.knowledge.layout import METADATA_PATH
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.store import Damaged, Store
from devnexus.knowledge.view import View, Views
from devnexus.repository import RepositoryId
from devnexus.timestamps import as_utc, write
from devnexus_cli.kb.histories import read_histories, states

_REVISION = re.compile(r"[0-9a-f]{4,64}|\d+")
_CLOSE = 0.5
_WHOLE = (40, 64)
"""Digits of a revision's whole id."""


@dataclass(frozen=True)
class Found:
    """One repository at one revision."""

    id: RepositoryId
    page: Projection
    """What is known of it, as people corrected it where it is shown."""
    page_path: str | None
    """Where its page stands; None where it is hidden: removed, or excluded by devnexus.yaml."""


def find_repository(store: Store, wanted: str, *, at: str) -> Found:
    """The repository that `wanted` names: by id, by today's name or by a former one, case ignored.

    Raises ClickException, naming what is close to it, where there is none, and where there are several.
    """
    view = Views(store).at(at)
    shown = [Found(page.repository_id, page, path) for path, page in view.pages.items()]
    # Of two that claim one name the holder is meant; the other has an id.
    holder = view.named(wanted)
    matching = [one for one in shown if one.page is holder] or _matching(shown, wanted)
    hidden: list[Found] = []
    if not matching:
        hidden = _hidden(store, view)
        matching = _matching(hidden, wanted)
    if len(matching) == 1:
        return matching[0]
    if matching:
        listed = ", ".join(f"{found.id} ({found.page.repository_name})" for found in matching)
        raise click.ClickException(f"{wanted} may be several: name one by its id: {listed}")
    raise click.ClickException(_unknown(wanted, [*shown, *hidden]))


def find_revision(store: Store, wanted: str | None) -> str:
    """The head where nothing is wanted, the newest revision of a day or moment (UTC), or one by its id.

    Raises ClickException where there is none, and where the beginning of an id fits several.
    """
    head = store.head()
    if wanted is None:
        return head
    moment = _moment(wanted)
    if moment is None and not _REVISION.fullmatch(wanted):
        raise click.ClickException(
            f"{wanted!r} is neither a date (2026-03-01, 2026-03-01T12:00:00Z) nor the beginning of a revision"
        )
    if not moment and len(wanted) in _WHOLE and _is_there(store, wanted):
        return wanted  # also one that a merge brought in, which the log does not show
    found: list[str] = []
    oldest = head
    for revision in store.log(head):
        if moment and revision.at <= moment:
            return revision.id
        if not moment and revision.id.startswith(wanted):
            found.append(revision.id)
        oldest = f"{revision.id[:12]} of {write(revision.at)}"
    if len(found) == 1:
        return found[0]
    if found:
        raise click.ClickException(f"{wanted} is the beginning of {len(found)} revisions: give more of it")
    raise click.ClickException(f"there is no revision {wanted}: the knowledge base begins with {oldest}")


def _is_there(store: Store, revision: str) -> bool:
    try:
        return METADATA_PATH in store.read([METADATA_PATH], at=revision)
    except (Unavailable, Damaged):
        return False


def _moment(text: str) -> datetime | None:
    """The end of a day, or a moment; None where `text` is no date."""
    if not re.match(r"\d{4}-\d{2}-\d{2}", text):
        return None
    try:
        moment = as_utc(datetime.fromisoformat(text))
    except ValueError as error:
        raise click.ClickException(
            f"{text!r} is no date: such as 2026-03-01 or 2026-03-01T12:00:00Z"
        ) from error
    return datetime.combine(moment.date(), time.max, UTC) if len(text) == len("2026-03-01") else moment


def _hidden(store: Store, view: View) -> list[Found]:
    """The repositories that no page tells of; asked for only if the pages do not know."""
    return [
        Found(id_, state.project(), None)
        for id_, state in states(read_histories(store, at=view.revision))
        if id_ not in view.everyone and state.adopter is None
    ]


def _matching(candidates: Iterable[Found], wanted: str) -> list[Found]:
    """Those of that id, else those of that name, else those that had it."""
    found = list(candidates)
    lowered = wanted.lower()
    return (
        [one for one in found if one.id == wanted or wanted in one.page.adopted]
        or [one for one in found if one.page.repository_name.lower() == lowered]
        or [one for one in found if lowered in {name.lower() for name in one.page.former_names}]
    )


def _unknown(wanted: str, known: Iterable[Found]) -> str:
    names: dict[str, str] = {}
    for found in known:
        page = found.page
        for name in (
            page.repository_name,
            *page.former_names,
            page.repository_name.partition("/")[2],
            found.id,
        ):
            names.setdefault(name.lower(), page.repository_name)
    close = [names[name] for name in get_close_matches(wanted.lower(), names, cutoff=_CLOSE)]
    if close:
        return f"nothing is known of {wanted}; close to it: {', '.join(dict.fromkeys(close))}"
    return f"nothing is known of {wanted}, nor of a name like it: give <owner>/<name> or <host>/<id>"
