"""What a file says, or, where somebody broke it, what it said when it was last whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from devnexus.knowledge.store import Damaged, Files
from devnexus.people.mistake import Mistake

T = TypeVar("T")

Parse = Callable[[bytes], T]
"""Reads a file; raises Damaged or Mistake where it cannot."""


@dataclass(frozen=True)
class Problem:
    """A file that cannot be read as it is."""

    path: str
    message: str
    """What is wrong with it, and where."""
    used_revision: str | None
    """The revision whose version of the file is used instead; None: it is as if there were no file."""


@dataclass(frozen=True)
class LastGood(Generic[T]):
    """The last version of a file that could be read."""

    value: T | None
    """None where there is no file, or was none before it was broken."""
    problem: Problem | None = None
    """Why it is not the version of the revision that was asked for."""


def last_good(store: Files, path: str, parse: Parse[T], *, at: str) -> LastGood[T]:
    """The file at revision `at`, or the newest version before it that `parse` could read.

    The same at every call: it depends on nothing but the revision. A version in which the file did not
    exist is a good one. Raises Unavailable or Damaged where the store itself cannot be read.
    """
    content = store.read([path], at=at).get(path)
    return LastGood(None) if content is None else _checked(store, path, content, parse, at)


def last_good_of(
    store: Files, contents: Mapping[str, bytes], parse: Callable[[str], Parse[T]], *, at: str
) -> dict[str, LastGood[T]]:
    """What `last_good` gives for files whose contents at `at` are at hand; `parse` depends on the path."""
    return {
        path: _checked(store, path, content, parse(path), at) for path, content in sorted(contents.items())
    }


def _checked(store: Files, path: str, content: bytes, parse: Parse[T], at: str) -> LastGood[T]:
    try:
        return LastGood(parse(content))
    except (Damaged, Mistake) as error:
        return _before(store, path, parse, at=at, message=str(error))


def _before(store: Files, path: str, parse: Parse[T], *, at: str, message: str) -> LastGood[T]:
    for revision in store.log(at, path=path):
        content = store.read([path], at=revision.id).get(path)
        if content is None:
            break
        try:
            value = parse(content)
        except (Damaged, Mistake):
            continue
        return LastGood(value, Problem(path, message, revision.id))
    return LastGood(None, Problem(path, message, None))
