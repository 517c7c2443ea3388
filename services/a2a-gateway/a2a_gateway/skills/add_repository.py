"""`add_repository`: a repository to be known from now on, before anything of it was read."""

from a2a_gateway.answer import Message
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.skill import WritingSkill
from a2a_gateway.writes.report import Origin, Report, WrittenAnswer
from a2a_gateway.writes.said import Line, Words
from a2a_gateway.writes.subject import subject
from devnexus.events import Record, RepositoryRegistered


class AddRepository(Message):
    """The repository."""

    repository: Line
    """`<owner>/<name>`."""
    problem_domain: Words = ""
    """What it is about, in a few words; counts where its files do not say it."""


class RepositoryAdded(WrittenAnswer):
    """The repository, once it is recorded or on its way."""

    repository: str
    repository_id: str
    """`<host>/<id>`; until it is pushed to `<host>/name:<owner>/<name>`, where only the name is known."""
    was_known: bool
    """Whether it was listed before; then this adds at most the problem domain."""


def add_repository(told: AddRepository, knowledge: Reading) -> Report[WrittenAnswer]:
    """Follow a repository, also again after it was removed."""
    about = subject(told.repository, knowledge)

    def event(origin: Origin) -> Record:
        return RepositoryRegistered(
            cause="agent",
            repository=about.repository,
            at=origin.at,
            asked_by=f"{origin.caller}:{origin.skill}:{origin.key}",
            problem_domain=told.problem_domain or None,
        )

    def answer(record: Record) -> RepositoryAdded:
        return RepositoryAdded(
            repository=about.name,
            repository_id=about.repository.id,
            was_known=about.is_shown,
        )

    return Report(f"{about.name} is followed", event, answer)


SKILL = WritingSkill(
    id="add_repository",
    name="Add Repository",
    description="Follow a repository before anything of it was read, or again after it was removed.",
    tags=("repositories", "management", "add"),
    input=AddRepository,
    output=RepositoryAdded,
    run=add_repository,
    example=AddRepository(repository="acme/new-service", problem_domain="Invoices of business customers"),
)
