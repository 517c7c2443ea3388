"""`corrections/<owner>/<name>.yaml`: what people know better about one repository."""

from collections import Counter
from typing import Self

from pydantic import ConfigDict, model_validator

from devnexus.people.globs import PathGlob
from devnexus.people.section import Section, Text, Word

CORRECTIONS = "corrections/"
"""The folder of all corrections; each file is called like the page that it corrects."""


class Hidden(Section):
    """A pattern that is not there, or components that are nobody's business."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["pattern"]}, {"required": ["component"]}]}
    )

    pattern: Word | None = None
    """Its id or name."""
    component: PathGlob | None = None
    """A component's id (`<path>:<name>`), or a glob on the path of its file."""
    reason: Text | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.pattern is None) == (self.component is None):
            raise ValueError("name either a pattern or a component")
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
    """What is to be shown otherwise than it was read."""

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
