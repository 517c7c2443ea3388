"""Which repository something is about: known by its id, labelled by a name that may change."""

import re
from typing import Annotated

from pydantic import AfterValidator

from devnexus.values import Value

_ID = re.compile(r"[a-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9_.:-]+")
_PART = re.compile(r"[A-Za-z0-9_.-]+")


def _repository_id(text: str) -> str:
    host, _, number = text.partition("/")
    if not _ID.fullmatch(text) or {host, number} & {".", ".."}:
        raise ValueError(f"{text!r} is not <host>/<id>")
    return text


def _repository_name(text: str) -> str:
    parts = text.split("/")
    if len(parts) != 2 or not all(_PART.fullmatch(part) and part not in {".", ".."} for part in parts):
        raise ValueError(f"{text!r} is not <owner>/<name>")
    return text


RepositoryId = Annotated[str, AfterValidator(_repository_id)]
"""`<host>/<id>`, such as `github.com/123`: stable through renames, safe as a path."""

RepositoryName = Annotated[str, AfterValidator(_repository_name)]
"""`<owner>/<name>`, today's label, safe as a path."""


class Repository(Value):
    """One repository as it was when the event happened."""

    id: RepositoryId
    name: RepositoryName
    default_branch: str
    url: str | None = None
    private: bool = False
