"""Which repository a report is about: one that is known, or one that is known by its name from now on."""

from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from a2a_gateway.answer import CannotAnswer
from a2a_gateway.reading import Reading
from devnexus.knowledge.layout import projection_path
from devnexus.knowledge.projection import Projection
from devnexus.repository import Repository, RepositoryName, id_of_name

_NAME: TypeAdapter[str] = TypeAdapter(RepositoryName)


@dataclass(frozen=True)
class Subject:
    """The repository as events name it, and what is known of it."""

    repository: Repository
    page: Projection | None
    """None where nothing was known of it."""


def subject(name: str, knowledge: Reading) -> Subject:
    """What `<owner>/<name>` means; raise CannotAnswer where that cannot be the name of a repository.

    One that was removed is meant as well: what is told of it is kept in its history, and not shown.
    """
    try:
        _NAME.validate_python(name)
    except ValidationError as error:
        raise CannotAnswer(f"repository: {name!r} is not <owner>/<name>") from error
    page = knowledge.named(name) or _removed(name, knowledge)
    if page is None:
        unknown = Repository(id=id_of_name(name), name=name, default_branch="main")
        return Subject(unknown, None)
    return Subject(
        Repository(
            id=page.repository_id,
            name=page.repository_name,
            default_branch=page.default_branch,
            url=page.repository_url,
            private=page.visibility != "public",
        ),
        page,
    )


def _removed(name: str, knowledge: Reading) -> Projection | None:
    wanted = projection_path(name).lower()
    written = (good.value for path, good in knowledge.view.raw.items() if path.lower() == wanted)
    return next((page for page in written if page), None)
