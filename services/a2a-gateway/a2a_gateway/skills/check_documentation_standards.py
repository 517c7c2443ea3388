"""`check_documentation_standards`: what the documentation of a repository lacks, by file and line."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from pydantic import Field, StringConstraints

from a2a_gateway.answer import CannotAnswer, Input
from a2a_gateway.documentation.checked_documentation import Checked, checked
from a2a_gateway.documentation.inspection import Inspection, NoSuchFile, inspect
from a2a_gateway.documentation.standards import Held, rules_for
from a2a_gateway.files.file_refusals import reading_files
from a2a_gateway.files.repository_files import Contents
from a2a_gateway.knowledge.nearest import known_repository
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.skill import AskingSkill
from a2a_gateway.world import World
from devnexus.knowledge.projection import Projection
from devnexus.printable import printable
from devnexus.values import digest

_FORM = 1
"""Counts up with every change of the answer: what was kept before is worked out again."""

FilePath = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class CheckDocumentationStandards(Input):
    """What to look at. The main documents are those that the rules name, such as README.md."""

    repository: str
    """`<owner>/<name>`."""
    check_all_docs: bool = False
    """true: every document, and not only the main ones."""
    file_paths: Annotated[list[FilePath], Field(max_length=200)] = []
    """Only these files, whatever else there is or is not."""


def check_documentation_standards(
    asked: CheckDocumentationStandards, knowledge: Reading, world: World
) -> Checked:
    """Read the documents at the head, and hold them against the organisation's rules."""
    repository = known_repository(asked.repository, knowledge)
    name = knowledge.name(repository)
    said = knowledge.view.people.organisation.documentation
    held = rules_for(name, said, is_public=repository.visibility == "public")
    with reading_files(name):
        world.progress(f"looking up the newest commit of {name}")
        head = world.files.head(repository)
    key = digest(["documentation", _FORM, repository.repository_id, name, head, held.digest, _options(asked)])
    if kept := world.results.get(key):
        return Checked.model_validate_json(kept)
    answer = checked(name, head, held, _inspected(repository, head, held, asked, world))
    world.results.keep(key, answer.model_dump_json())
    return answer


def _options(asked: CheckDocumentationStandards) -> list[object]:
    return [asked.check_all_docs, sorted(map(printable, asked.file_paths))]


def _inspected(
    repository: Projection, head: str, held: Held, asked: CheckDocumentationStandards, world: World
) -> Inspection:
    def read(paths: Sequence[str]) -> Contents:
        world.progress(f"fetching {len(paths)} documents")
        return world.files.read(repository, head, paths)

    with reading_files(repository.repository_name):
        world.progress("listing the files")
        listing = world.files.listing(repository, head)
        try:
            return inspect(
                held.rules,
                listing,
                read,
                every=asked.check_all_docs,
                only=asked.file_paths,
                tell=world.progress,
            )
        except NoSuchFile as error:
            said = f"file_paths: there is no file {printable(str(error))} at {head}"
            raise CannotAnswer(said, status=HTTPStatus.NOT_FOUND) from error


SKILL = AskingSkill(
    id="check_documentation_standards",
    name="Check Documentation Standards",
    description="Hold the documentation of a repository against the organisation's rules: what is missing or"
    " wrong, by file and line, what to do about it, and a score.",
    tags=("documentation", "standards", "quality", "compliance", "review"),
    input=CheckDocumentationStandards,
    output=Checked,
    run=check_documentation_standards,
    example=CheckDocumentationStandards(repository="acme/api"),
)
