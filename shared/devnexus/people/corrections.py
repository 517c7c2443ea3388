"""`corrections/<owner>/<name>.yaml`: what people know better about one repository."""

from collections import Counter
from typing import Self

from pydantic import ConfigDict, model_validator

from devnexus.people.globs import PathGlob, RepositoryGlob
from devnexus.people.section import Section, Text, Word

CORRECTIONS = "corrections/"
"""The folder of all corrections; each file is called like the page that it corrects."""


_ONE_OF = ("pattern", "component", "exception", "alike")


class Hidden(Section):
    """Something that is not so, is nobody's business, or need not be said again: one of these."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [name]} for name in _ONE_OF]})

    pattern: Word | None = None
    """A pattern that is not there: its id or name."""
    component: PathGlob | None = None
    """A component's id (`<path>:<name>`), or a glob on the path of its file."""
    exception: Word | None = None
    """A pattern, by id or name, that is done otherwise here than elsewhere, or not at all, for a reason."""
    alike: RepositoryGlob | None = None
    """Repositories that it is no use to be told one is like."""
    reason: Text | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if sum(getattr(self, name) is not None for name in _ONE_OF) != 1:
            raise ValueError(f"name one of {', '.join(_ONE_OF)}")
        return self


class Renamed(Section):
    """What a pattern is called in this repository."""

    pattern: Word
    """Its id or name."""
    name: Word


class Confirmed(Section):
    """A pattern that is there, on the word of a person."""

    pattern: Word
    """Its id or name."""
    by: Word
    """Who says so."""
    reason: Text | None = None


class Note(Section):
    """Something worth knowing about the repository, or about one pattern of it."""

    text: Text
    pattern: Word | None = None
    """Its id or name; without it, the note is about the repository."""
    by: Word | None = None


class Corrections(Section):
    """What is to be shown otherwise than it was read, and what is not to be said."""

    hide: tuple[Hidden, ...] = ()
    rename: tuple[Renamed, ...] = ()
    confirm: tuple[Confirmed, ...] = ()
    note: tuple[Note, ...] = ()

    @model_validator(mode="after")
    def _one_word_on_each(self) -> Self:
        hidden = {one.pattern.lower() for one in self.hide if one.pattern}
        if hidden & {one.pattern.lower() for one in self.confirm}:
            raise ValueError("a pattern is both hidden and confirmed; decide")
        if any(count > 1 for count in Counter(one.pattern.lower() for one in self.rename).values()):
            raise ValueError("a pattern is renamed twice; keep one of them")
        return self

    def hides_exception(self, id_: str, name: str) -> bool:
        """Whether it is known, and meant, that this pattern is not done here as elsewhere."""
        words = {id_.lower(), name.lower()}
        return any(one.exception and one.exception.lower() in words for one in self.hide)

    @property
    def not_alike(self) -> tuple[str, ...]:
        """The repositories, by name or as globs, that nobody is to be told it is like."""
        return tuple(dict.fromkeys(one.alike for one in self.hide if one.alike))
