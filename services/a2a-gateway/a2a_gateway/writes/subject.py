"""Which repository a report is about: one that is known, or one that is known by its name from now on."""

from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from a2a_gateway.answer import CannotAnswer
from a2a_gateway.knowledge.reading import Reading
from devnexus.knowledge.projection import Projection
from devnexus.repository import Repository, RepositoryName, id_of_name

_NAME: TypeAdapter[str] = TypeAdapter(RepositoryName)
_LONGEST = 140
"""GitHub's own: 39 for the owner, 100 for the name."""


@dataclass(frozen=True)
class Subject:
    """The repository as events name it, and what is known of it."""

    repository: Repository
    page: Projection | None
    """None where nothing was known of it."""
    name: str
    """What the caller is told that it is called: their own word where they may not see it."""
    is_shown: bool
    """Whether the caller may see that it is known: it is in use, and not hidden from them."""


def subject(name: str, knowledge: Reading, *, field: str = "repository") -> Subject:
    """What `<owner>/<name>` means, today's or an earlier name in any case.

    One that was removed is meant as well: what is told of it is kept in its history, and not shown. Raises
    CannotAnswer, naming `field`, where that cannot be the name of a repository.
    """
    check_name(name, field=field)
    page = knowledge.written_names.get(name.lower())
    if page is None:
        # until its host says otherwise: who reports something may see more than who reads here
        unknown = Repository(id=id_of_name(name), name=name, default_branch="main", private=True)
        return Subject(unknown, None, name, is_shown=False)
    known = Repository(
        id=page.repository_id,
        name=page.repository_name,
        default_branch=page.default_branch,
        url=page.repository_url,
        private=page.visibility != "public",
    )
    shown = knowledge.names.get(page.repository_id)
    return Subject(known, page, shown or name, is_shown=shown is not None)


def check_name(name: str, *, field: str) -> None:
    """Raise CannotAnswer, naming `field`, unless a repository can be called this."""
    try:
        if len(name) > _LONGEST:
            raise CannotAnswer(f"{field}: longer than the {_LONGEST} characters that a repository's name has")
        _NAME.validate_python(name)
    except ValidationError as error:
        raise CannotAnswer(f"{field}: {name!r} is not <owner>/<name>") from error
