"""Which repository something is about: known by its id, labelled by a name that may change."""

import re
from typing import Annotated

from pydantic import AfterValidator

from devnexus.values import Value

_ID = re.compile(r"[a-z0-9.-]+(:[0-9]+)?/((?!name:)[A-Za-z0-9_.:-]+|name:[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)")
_PART = re.compile(r"[A-Za-z0-9_.-]+")
_NO_FOLDER = re.compile(r"\.|\.\.|\.git\.*(:.*)?", re.IGNORECASE)
"""What git refuses as the name of a folder, on Windows or everywhere: no clone could be checked out."""


def _repository_id(text: str) -> str:
    host, *rest = text.split("/")
    if not _ID.fullmatch(text) or any(
        map(_NO_FOLDER.fullmatch, (host, *rest, rest[0].removeprefix("name:")))
    ):
        raise ValueError(f"{text!r} is not <host>/<id>")
    return text


def _repository_name(text: str) -> str:
    parts = text.split("/")
    if len(parts) != 2 or not all(_PART.fullmatch(part) and not _NO_FOLDER.fullmatch(part) for part in parts):
        raise ValueError(f"{text!r} is not <owner>/<name>")
    return text


RepositoryId = Annotated[str, AfterValidator(_repository_id)]
"""`<host>/<id>`, such as `github.com/123`: stable through renames, safe as a path.

`<host>/name:<owner>/<name>` where nothing but the name is known, as after an import.
"""

RepositoryName = Annotated[str, AfterValidator(_repository_name)]
"""`<owner>/<name>`, today's label, safe as a path."""


def id_of_name(name: str, *, host: str = "github.com") -> str:
    """The id of a repository of which only the name is known; names differ by more than their case."""
    return f"{host}/name:{name.lower()}"


def is_known_by_name(repository_id: str) -> bool:
    """Whether this id says no more than a name."""
    return repository_id.partition("/")[2].startswith("name:")


class Repository(Value):
    """One repository as it was when the event happened."""

    id: RepositoryId
    name: RepositoryName
    default_branch: str
    url: str | None = None
    private: bool = False
