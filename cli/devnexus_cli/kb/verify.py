"""`devnexus kb verify`: whether the knowledge base is what it says it is."""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, zip_longest

import click

from devnexus.errors import Unavailable
from devnexus.events import Record
from devnexus.knowledge.commit_message import commit_message
from devnexus.knowledge.forgotten import read_forgotten
from devnexus.knowledge.layout import HISTORY, METADATA_PATH, PROJECTIONS
from devnexus.knowledge.people import read_people
from devnexus.knowledge.store import Conflict, Damaged, Store
from devnexus.knowledge.stores import open_store
from devnexus.printable import printable
from devnexus.repository import RepositoryId
from devnexus_cli.figures import count
from devnexus_cli.kb.checks import (
    CheckedHistory,
    Finding,
    check_history,
    check_metadata,
    check_twice,
    foreign_edits,
)
from devnexus_cli.kb.histories import expected_pages, states
from devnexus_cli.kb.options import knowledge_option

_REPAIR = "devnexus kb verify --repair"
_CONFLICTS_ENDURED = 20


@dataclass(frozen=True)
class Verdict:
    """What was found at one revision."""

    revision: str
    records: int
    repositories: int
    findings: tuple[Finding, ...]
    remarks: tuple[Finding, ...]
    """What is worth a look and not wrong."""
    repairs: Mapping[str, bytes | None]
    """The pages that differ from their history: path → what they must be; None: they must not be."""


@click.command("verify")
@knowledge_option
@click.option(
    "--repair", is_flag=True, help="Rewrite pages that differ from their history, and nothing else."
)
def verify_command(knowledge: str, repair: bool) -> None:
    """Check the whole knowledge base.

    That every line of history is a record, in its form, file and order; that every page is exactly what
    its history amounts to; that people's files can be read. Prints each finding as place, problem and
    remedy, and exits with 1 if there is one.
    """
    store = open_store(knowledge, os.environ, access="write" if repair else "read")
    try:
        verdict = _repaired(store) if repair else verify(store, at=store.head())
    finally:
        store.close()
    for finding in (*verdict.findings, *verdict.remarks):
        click.echo(printable(f"{finding.place}: {finding.problem}"))
        click.echo(printable(f"  → {finding.remedy}"))
    repositories = count(verdict.repositories, "repository", "repositories")
    counted = f"{count(verdict.records, 'record')} in {repositories}"
    if verdict.findings:
        raise click.ClickException(
            f"{counted}, {count(len(verdict.findings), 'finding')} at {verdict.revision[:12]}"
        )
    noted = f", with {count(len(verdict.remarks), 'remark')}" if verdict.remarks else ""
    click.echo(f"{counted}, all right at {verdict.revision[:12]}{noted}")


def verify(store: Store, *, at: str) -> Verdict:
    """Everything that is wrong at revision `at`; Unavailable or Damaged where the store cannot be read."""
    checked = _histories(store, at)
    findings = [finding for history in checked.values() for finding in history.findings]
    findings += check_twice(checked)
    findings += check_metadata(store.read([METADATA_PATH], at=at).get(METADATA_PATH, b""))
    repairs: dict[str, bytes | None] = {}
    if any(history.is_damaged for history in checked.values()):
        remedy = "repair history first: what pages must say is unknown until then"
        findings.append(Finding(PROJECTIONS, "pages were not checked", remedy))
    else:
        repairs = _page_repairs(checked, store, at)
        findings += [_page_problem(path, wanted, store, at) for path, wanted in repairs.items()]
    findings += _forgotten_but_there(checked, store, at)
    findings += [
        Finding(problem.path, problem.message, "mend it; until then its last good version is in force")
        for problem in read_people(store, at).problems
    ]
    return Verdict(
        revision=at,
        records=sum(len(history.records) for history in checked.values()),
        repositories=len({history.repository for history in checked.values() if history.repository}),
        findings=tuple(findings),
        remarks=tuple(foreign_edits(store, at=at)),
        repairs=repairs,
    )


def _histories(store: Store, at: str) -> dict[str, CheckedHistory]:
    contents = sorted(store.read([HISTORY], at=at).items())
    checked: dict[str, CheckedHistory] = {}
    with click.progressbar(contents, label="Reading history", file=sys.stderr) as bar:
        for path, content in bar:
            checked[path] = check_history(path, content)
    return checked


def _page_repairs(checked: Mapping[str, CheckedHistory], store: Store, at: str) -> dict[str, bytes | None]:
    histories: dict[RepositoryId, list[Record]] = {}
    for history in checked.values():
        if history.repository:
            histories.setdefault(history.repository, []).extend(history.records)
    with click.progressbar(
        states(histories), length=len(histories), label="Folding history", file=sys.stderr
    ) as bar:
        projections = [state.project() for _, state in bar if not state.adopter]
    wanted = expected_pages(projections)
    stored = {path: page for path, page in store.read([PROJECTIONS], at=at).items() if path.endswith(".json")}
    return {
        path: wanted.get(path)
        for path in sorted(wanted.keys() | stored.keys())
        if wanted.get(path) != stored.get(path)
    }


def _page_problem(path: str, wanted: bytes | None, store: Store, at: str) -> Finding:
    if wanted is None:
        return Finding(path, "is a page without history", _REPAIR)
    stored = store.read([path], at=at).get(path)
    if stored is None:
        return Finding(path, "is missing", _REPAIR)
    lines = zip_longest(stored.split(b"\n"), wanted.split(b"\n"))
    number = next(number for number, (one, other) in enumerate(lines, start=1) if one != other)
    return Finding(f"{path}:{number}", "is not what its history amounts to", _REPAIR)


def _forgotten_but_there(checked: Mapping[str, CheckedHistory], store: Store, at: str) -> Iterator[Finding]:
    try:
        forgotten = read_forgotten(store, at=at)
    except Damaged as error:
        yield Finding(METADATA_PATH, str(error), "mend it by a commit")
        return
    for path, history in checked.items():
        for record in history.records:
            if forgotten.covers(record):
                yield Finding(
                    path,
                    f"record {record.id} was to be forgotten",
                    f"devnexus kb forget {record.repository.id}",
                )


def _repaired(store: Store) -> Verdict:
    """Rewrite what differs, as one commit or as few as the store takes, and look again."""
    for _ in range(_CONFLICTS_ENDURED):
        verdict = verify(store, at=store.head())
        if not verdict.repairs:
            return verdict
        part = dict(islice(verdict.repairs.items(), store.limits.files))
        message = commit_message(
            f"Repair KB: rewrite {count(len(part), 'page')}", sorted(part), on=verdict.revision
        )
        try:
            revision = store.commit(part, message=message, expected_head=verdict.revision)
        except Conflict:
            continue
        click.echo(f"{count(len(part), 'page')} rewritten in {revision[:12]}", err=True)
    raise Unavailable("the knowledge base kept moving under the repair: stop the kb-writer, then try again")
