"""Addresses of our pages, and of lines in repositories that GitHub shows."""

import re
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from devnexus.alike import sentences
from devnexus.events.similarity_computed import Place
from devnexus.knowledge.projection import Projection

_ON_GITHUB = re.compile(r"https://github\.com/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class Link:
    """A text and where it leads, if anywhere."""

    text: str
    url: str | None = None


class Lines(Protocol):
    """Lines of a file at a commit: a row of evidence, a place, and the like."""

    @property
    def path(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def commit(self) -> str: ...


def repository_link(name: str) -> Link:
    """The page of a repository."""
    return Link(name, f"/repositories/{quote(name)}")


def pattern_link(id_: str, name: str) -> Link:
    """The page of a pattern."""
    return Link(name, f"/patterns/{quote(id_, safe='')}")


def pair_url(one: str, other: str) -> str:
    """The page of two repositories, the same whichever is named first."""
    first, second = sorted((one, other))
    return f"/pairs/{quote(first)}/{quote(second)}"


def lines_link(repository_url: str | None, lines: Lines) -> Link:
    """`path:line`, leading to the lines where GitHub has the repository."""
    place = Place(path=lines.path, start=lines.start, end=lines.end, commit=lines.commit)
    text, base = sentences.place(place), on_github(repository_url)
    if base is None:
        return Link(text)
    path = quote(lines.path, safe="/")
    return Link(text, f"{base}/blob/{quote(lines.commit, safe='')}/{path}#L{lines.start}-L{lines.end}")


def commit_link(repository_url: str | None, commit: str) -> Link:
    """The first 7 digits of a commit, leading to it where GitHub has the repository."""
    base = on_github(repository_url)
    return Link(commit[:7], f"{base}/commit/{quote(commit, safe='')}" if base else None)


def home_link(projection: Projection) -> Link | None:
    """Where the repository itself is, if GitHub has it."""
    base = on_github(projection.repository_url)
    return Link(base.removeprefix("https://"), base) if base else None


def on_github(url: str | None) -> str | None:
    """`url` where it is a repository's on github.com; what else a repository names leads nowhere."""
    plain = (url or "").removesuffix("/").removesuffix(".git")
    return plain if _ON_GITHUB.fullmatch(plain) else None
