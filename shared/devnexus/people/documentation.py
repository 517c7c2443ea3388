"""What an organisation expects of the documentation of its repositories, as rules that are data."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from devnexus.people.globs import PathGlob, RepositoryGlob, names_repository
from devnexus.people.section import Section, SomeWords, Text, Words

Severity = Literal["critical", "high", "medium", "low"]

Standard = Literal["general", "seed"]

RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]

SomePaths = Annotated[tuple[PathGlob, ...], Field(min_length=1, max_length=50)]


class Exists(Section):
    """One of these files is there."""

    any_of: SomePaths
    """Paths or globs, whatever their case; the first is the one to add where there is none."""
    or_heading: Words = ()
    """A heading of another document that says one of these will do as well."""


class Size(Section):
    """The files are not just placeholders."""

    at_least_characters: Annotated[int, Field(ge=1, le=1_000_000)]


class Heading(Section):
    """The files have a section with one of these in its heading."""

    any_of: SomeWords
    """Words as they stand in a heading, whatever their case; `Install` is not found in `Reinstalling`."""
    or_link: Words = ()
    """A link that says one of these, in its text or its address, will do as well."""


class Wording(Section):
    """The files say something, or do not say something."""

    any_of: Words = ()
    """One of these stands in the file, whatever its case."""
    none_of: Words = ()
    """None of these words stands in the file, whatever its case."""
    or_date: bool = False
    """A date (2026-01-31) or a version (v1.2) will do as well."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.any_of or self.none_of or self.or_date):
            raise ValueError("write any_of, none_of or or_date here")
        return self


class Licence(Section):
    """The licence is one of these."""

    one_of: SomeWords
    """As SPDX calls them: MIT, Apache-2.0, GPL-3.0, …"""


Check = Literal["links", "paths", "fenced-languages"]

_KINDS = ("exists", "size", "heading", "text", "licence", "check")


class Rule(Section):
    """One thing to be right. Without any of the kinds, it changes the rule of that id."""

    id: RuleId
    severity: Severity | None = None
    """How bad it is if it is not right; not set: medium, or as it was."""
    files: SomePaths | None = None
    """Globs on the files that it looks at; not set: all that are looked at. `exists` needs none."""
    public_only: bool = False
    """Whether it holds for public repositories only."""
    remedy: Text | None = None
    """What to do about it, in place of the usual words."""
    off: bool = False
    """true: the rule of that id does not hold."""
    exists: Exists | None = None
    size: Size | None = None
    heading: Heading | None = None
    text: Wording | None = None
    licence: Licence | None = None
    check: Check | None = None
    """links: relative links and images lead to something. paths: files that are named in `code` are there.
    fenced-languages: blocks of code say in which language they are."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if len(kinds) > 1:
            raise ValueError(f"write one of {', '.join(_KINDS)}, and another rule for the next")
        if not kinds and not self.off and not self.model_fields_set - {"id"}:
            raise ValueError(
                f"write one of {', '.join(_KINDS)}, or what is to change about the rule of that id"
            )
        return self

    @property
    def is_whole(self) -> bool:
        """Whether it says itself what is to be right."""
        return any(getattr(self, kind) is not None for kind in _KINDS)


Rules = Annotated[tuple[Rule, ...], Field(max_length=200)]


class RuleSet(Section):
    """What is looked at, and what is to be right about it."""

    documents: Mapping[Severity, tuple[PathGlob, ...]] = {}
    """How much they matter → globs on files that are looked at where they are there."""
    ignore: tuple[PathGlob, ...] = ()
    """Globs on files that are not looked at: what others wrote, or what is broken on purpose."""
    core: tuple[PathGlob, ...] = ()
    """Globs on the code that all else depends on: who changes it without a word is warned more loudly."""
    rules: tuple[Rule, ...] = ()


class DocumentationFor(Section):
    """What holds for some repositories besides, or instead."""

    repositories: Annotated[tuple[RepositoryGlob, ...], Field(min_length=1)]
    standard: Standard | None = None
    """Not set: the one of all others."""
    rules: Rules = ()
    ignore: tuple[PathGlob, ...] = ()


class Documentation(Section):
    """What is expected of the documentation of repositories."""

    standard: Standard = "general"
    """Which rules hold to begin with. general: what any repository should have. seed: the rules that
    dev-nexus itself began with."""
    rules: Rules = ()
    """Further rules; one with the id of another takes its place, or changes it."""
    ignore: tuple[PathGlob, ...] = ()
    """Further files that are not looked at."""
    core: tuple[PathGlob, ...] | None = None
    """The code that all else depends on; not set: as the standard has it."""
    repositories: tuple[DocumentationFor, ...] = ()
    """What holds for some only; the first that names a repository counts."""

    def own(self, name: str) -> DocumentationFor | None:
        """What holds for the repository `<owner>/<name>` besides; None for nothing."""
        found = (one for one in self.repositories if names_repository(one.repositories, name))
        return next(found, None)
