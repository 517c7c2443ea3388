"""`update_runtime_issue`: what became of an issue."""

from http import HTTPStatus
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from a2a_gateway.answer import CannotAnswer, Message
from a2a_gateway.knowledge.nearest import known_repository
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.skill import WritingSkill
from a2a_gateway.writes.report import Origin, Report, WrittenAnswer
from a2a_gateway.writes.said import Line, WebAddress, Words, filled
from a2a_gateway.writes.subject import Subject, subject
from devnexus.events import Record, RuntimeIssueUpdated
from devnexus.events.agent_reports import IssueStatus
from devnexus.knowledge.known_issues import Trouble


class UpdateRuntimeIssue(Message):
    """The issue, and what is so from now on."""

    issue_id: Annotated[Line, AfterValidator(filled)]
    """As `add_runtime_issue` answered it, or as `query_known_issues` lists it."""
    repository: Line = ""
    """`<owner>/<name>`; needed only where several repositories have an issue of that id."""
    status: IssueStatus | None = None
    """`false_positive` takes it out of the health of its pattern."""
    root_cause: Words = ""
    suggested_fix: Words = ""
    github_issue_url: WebAddress = ""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.status or self.root_cause or self.suggested_fix or self.github_issue_url):
            raise ValueError("give status, root_cause, suggested_fix or github_issue_url")
        return self


class RuntimeIssueChanged(WrittenAnswer):
    """What is known of the issue, once this is recorded."""

    issue_id: str
    repository: str
    status: str
    previous_status: str


def update_runtime_issue(told: UpdateRuntimeIssue, knowledge: Reading) -> Report[WrittenAnswer]:
    """Record what became of an issue."""
    trouble = _trouble(told, knowledge)
    about = subject(knowledge.name(trouble.repository), knowledge)
    before = trouble.issue.status

    def event(origin: Origin) -> Record:
        return _event(told, origin, about)

    def answer(record: Record) -> RuntimeIssueChanged:
        return RuntimeIssueChanged(
            issue_id=told.issue_id,
            repository=about.name,
            status=told.status or before,
            previous_status=before,
        )

    return Report(f"what became of issue {told.issue_id} of {about.name}", event, answer)


def _event(told: UpdateRuntimeIssue, origin: Origin, about: Subject) -> RuntimeIssueUpdated:
    return RuntimeIssueUpdated(
        **origin.of(about.repository),
        issue_id=told.issue_id,
        status=told.status,
        root_cause=told.root_cause or None,
        suggested_fix=told.suggested_fix or None,
        github_issue_url=told.github_issue_url or None,
        resolved_at=origin.at if told.status in {"fixed", "false_positive"} else None,
    )


def _trouble(told: UpdateRuntimeIssue, knowledge: Reading) -> Trouble:
    page = known_repository(told.repository, knowledge) if told.repository else None
    found = [one for one in knowledge.issues.with_id(told.issue_id) if page in (None, one.repository)]
    if not found:
        where = f" of {told.repository}" if told.repository else ""
        error = f"Unknown issue: {told.issue_id}{where}. query_known_issues lists the known ones"
        raise CannotAnswer(error, status=HTTPStatus.NOT_FOUND)
    if len(found) > 1:
        names = sorted(knowledge.name(one.repository) for one in found)[:10]
        error = f"repository: issue {told.issue_id} is one of several repositories: {', '.join(names)}"
        raise CannotAnswer(error, status=HTTPStatus.CONFLICT)
    return found[0]


SKILL = WritingSkill(
    id="update_runtime_issue",
    name="Update Runtime Issue",
    description="Say what became of an issue: that somebody looks into it, that it is fixed, or"
    " that it was none.",
    tags=("runtime", "monitoring", "issues"),
    input=UpdateRuntimeIssue,
    output=RuntimeIssueChanged,
    run=update_runtime_issue,
    example=UpdateRuntimeIssue(issue_id="3f9a1c0b7e52", status="fixed", root_cause="The pool was too small"),
)
