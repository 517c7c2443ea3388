"""`validate_documentation_update`: whether the documentation kept up with the code that changed lately."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from a2a_gateway.answer import Answer, CannotAnswer, Input, Part
from a2a_gateway.documentation.changes import Documented, Stale, is_code, stale
from a2a_gateway.documentation.inspection import MOST_DOCUMENTS, read_documents
from a2a_gateway.documentation.selection import all_documents, is_document
from a2a_gateway.documentation.standards import rules_for
from a2a_gateway.files.file_refusals import reading_files
from a2a_gateway.files.repository_files import Commit, Commits, NoCommit
from a2a_gateway.fitting import fitting
from a2a_gateway.knowledge.nearest import known_repository
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.skill import AskingSkill
from a2a_gateway.world import World
from devnexus.knowledge.projection import Projection
from devnexus.people.documentation import RuleSet, Severity
from devnexus.printable import printable
from devnexus.timestamps import Timestamp

_CHANGES_LISTED = 10
_WARNINGS_LISTED = 50
_WARNINGS_BYTES = 150_000
_FILES_LISTED = 20
_FILES_NAMED = 3
_SHORT = 7
_LONGEST_TEXT = 300


class ValidateDocumentationUpdate(Input):
    """Which changes to judge: those of the last days, or those since a commit, at most 100 commits."""

    repository: str
    """`<owner>/<name>`."""
    since_commit: Annotated[str, StringConstraints(pattern=r"^([0-9a-fA-F]{4,64})?$")] = ""
    """Those after this commit, abbreviated or not; it wins over `days`."""
    days: Annotated[int, Field(ge=1, le=365)] = 7
    """Those of so many days."""


class Timeframe(Part):
    """Which changes were judged."""

    since_date: Timestamp | None
    """Null where a commit was given."""
    since_commit: str | None


class Validation(Part):
    """What came of it."""

    status: Literal["no_changes", "compliant", "non_compliant"]
    """no_changes: no code changed. non_compliant: a warning is more than low."""
    message: str


class Change(Part):
    """A file that a commit changed."""

    file: str
    commit: str
    """The first 7 digits of its id."""
    date: Timestamp
    message: str
    """The first line of the commit's message."""


class Changes(Part):
    """What changed."""

    code_files: int
    """How many files of code, without tests."""
    doc_files: int
    code_changes: list[Change]
    """Newest first, at most 10."""
    doc_changes: list[Change]
    """Newest first, at most 10."""


class StaleDocument(Part):
    """Code that changed while a document that speaks of it did not."""

    severity: Severity
    """high: core code changed, and no document did. medium: the document names the code. low: it is a README
    that stands in the folder of the code, or above."""
    message: str
    recommendation: str
    documentation: str | None
    """The document; null where none changed at all."""
    line: int | None
    """Where it names the first of the files."""
    files: list[str]
    """The code, at most 20."""
    commits: list[str]
    """What changed it, newest first, at most 20."""


class Validated(Answer):
    """Whether the documentation kept up."""

    repository: str
    head: str
    """The commit that was read up to."""
    timeframe: Timeframe
    validation: Validation
    changes: Changes
    warnings: list[StaleDocument]
    """The worst first, at most 50, and as far as 150 kB hold them."""
    warning_count: int
    recommendations: list[str]
    commits_read: int
    """How many commits, without merges."""
    is_whole: bool
    """false: there are more commits than were read, or documents that were not read."""


def validate_documentation_update(
    asked: ValidateDocumentationUpdate, knowledge: Reading, world: World
) -> Validated:
    """Judge each change by the documents that speak of what it changed."""
    repository = known_repository(asked.repository, knowledge)
    name = knowledge.name(repository)
    said = knowledge.view.people.organisation.documentation
    rules = rules_for(name, said, is_public=repository.visibility == "public").rules
    with reading_files(name):
        world.progress(f"looking up the newest commit of {name}")
        head = world.files.head(repository)
        commits = _commits(repository, head, asked, world)
        documented, is_whole = _documented(repository, head, rules, world)
    found = stale(commits.commits, documented, core=rules.core)
    warnings = fitting(map(_warning, found[:_WARNINGS_LISTED]), most_bytes=_WARNINGS_BYTES)
    changes = _changes(commits.commits)
    return Validated(
        repository=name,
        head=head,
        timeframe=_timeframe(asked, world),
        validation=_validation(changes, found),
        changes=changes,
        warnings=warnings,
        warning_count=len(found),
        recommendations=list(dict.fromkeys(one.recommendation for one in warnings)),
        commits_read=len(commits.commits),
        is_whole=is_whole and commits.is_whole,
    )


def _timeframe(asked: ValidateDocumentationUpdate, world: World) -> Timeframe:
    if asked.since_commit:
        return Timeframe(since_date=None, since_commit=asked.since_commit)
    return Timeframe(since_date=world.now - timedelta(days=asked.days), since_commit=None)


def _commits(repository: Projection, head: str, asked: ValidateDocumentationUpdate, world: World) -> Commits:
    world.progress("reading the commits")
    since, until = world.now - timedelta(days=asked.days), asked.since_commit.lower() or None
    try:
        return world.files.commits(repository, head, since=since, until=until)
    except NoCommit as error:
        said = (
            f"since_commit: {asked.since_commit} is no commit of {repository.repository_name}, or of several"
        )
        raise CannotAnswer(said, status=HTTPStatus.NOT_FOUND) from error


def _documented(repository: Projection, head: str, rules: RuleSet, world: World) -> tuple[Documented, bool]:
    world.progress("listing the files")
    listing = world.files.listing(repository, head)
    paths = [*all_documents(rules, listing.files)]
    world.progress(f"fetching {min(len(paths), MOST_DOCUMENTS)} documents")
    contents = world.files.read(repository, head, paths[:MOST_DOCUMENTS])
    documents, left_out = read_documents(contents, world.progress)
    is_whole = listing.is_whole and len(paths) <= MOST_DOCUMENTS and not {**contents.left_out, **left_out}
    return Documented(documents, listing.files, _components(repository)), is_whole


def _components(repository: Projection) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for component in repository.components:
        for path in component.files:
            found.setdefault(path, []).append(component.name)
    return found


def _changes(commits: Sequence[Commit]) -> Changes:
    code, docs = [*_of(commits, is_code)], [*_of(commits, is_document)]
    return Changes(
        code_files=len({one.file for one in code}),
        doc_files=len({one.file for one in docs}),
        code_changes=code[:_CHANGES_LISTED],
        doc_changes=docs[:_CHANGES_LISTED],
    )


def _of(commits: Iterable[Commit], wanted: Callable[[str], bool]) -> Iterator[Change]:
    for commit in commits:
        for path in filter(wanted, commit.paths):
            message = _shown(commit.message)
            yield Change(file=_shown(path), commit=commit.sha[:_SHORT], date=commit.at, message=message)


def _validation(changes: Changes, found: Sequence[Stale]) -> Validation:
    if not changes.code_files:
        return Validation(status="no_changes", message="No code changed")
    bad = sum(one.severity != "low" for one in found)
    if not bad:
        return Validation(
            status="compliant", message="Every document that names code that changed did so too"
        )
    return Validation(
        status="non_compliant",
        message=f"{bad} documents stayed as they were while what they speak of changed",
    )


def _warning(one: Stale) -> StaleDocument:
    files = [*map(_shown, one.files)]
    named = ", ".join(files[:_FILES_NAMED])
    more = f" and {len(files) - _FILES_NAMED} more" if len(files) > _FILES_NAMED else ""
    changed = f"{named}{more} changed in {one.commits[0][:_SHORT]}"
    document = _shown(one.document)
    if not document:
        message = f"{changed}: all else depends on it, and no document changed"
        recommendation = f"Say in the documentation what changed about {files[0]}."
    else:
        place = f"{document}:{one.line} names it" if one.line else f"{document} stands beside it"
        message = f"{changed}; {place}, and did not change"
        recommendation = f"Look whether {document} is still right about {files[0]}."
    return StaleDocument(
        severity=one.severity,
        message=message,
        recommendation=recommendation,
        documentation=document or None,
        line=one.line,
        files=files[:_FILES_LISTED],
        commits=list(one.commits[:_FILES_LISTED]),
    )


def _shown(text: str) -> str:
    return printable(text[:_LONGEST_TEXT])


SKILL = AskingSkill(
    id="validate_documentation_update",
    name="Validate Documentation Update",
    description="Judge whether the documentation kept up with the code that changed lately: which documents"
    " name files that changed, and stayed as they were.",
    tags=("documentation", "validation", "git", "compliance"),
    input=ValidateDocumentationUpdate,
    output=Validated,
    run=validate_documentation_update,
    example=ValidateDocumentationUpdate(repository="acme/api"),
)
