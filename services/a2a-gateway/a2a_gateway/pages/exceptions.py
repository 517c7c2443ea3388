"""In what a repository is the exception among its kind, as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.pages.links import Link, lines_link, pattern_link, repository_link
from devnexus.alike import sentences
from devnexus.events.similarity_computed import Missing, Variant
from devnexus.knowledge.projection import Projection


@dataclass(frozen=True)
class MissingLine:
    """A pattern that nearly all of its kind have, and this one has not."""

    pattern: Link
    have: int
    of: int
    exception: str
    """What it is that lacks it."""
    example: Link
    example_in: Link
    example_is: str
    """Whether it is the newest one."""


@dataclass(frozen=True)
class VariantLine:
    """A pattern that nearly all of its kind have one package for, and this one has another."""

    pattern: Link
    have: int
    of: int
    theirs: str
    ours: str
    here: Link
    example: Link
    example_in: Link
    example_is: str


@dataclass(frozen=True)
class ExceptionLines:
    """All of one repository."""

    missing: Sequence[MissingLine]
    variants: Sequence[VariantLine]


def exception_lines(reading: Reading, here: Projection) -> ExceptionLines:
    """What nearly all of its kind do, and it does not or otherwise."""
    found = reading.exceptions(here)
    return ExceptionLines(
        missing=[_missing(reading, one) for one in found.missing],
        variants=[_variant(reading, here, one) for one in found.variants],
    )


def _missing(reading: Reading, missing: Missing) -> MissingLine:
    example = reading.view.repositories[missing.example.id]
    return MissingLine(
        pattern=pattern_link(missing.pattern, missing.name),
        have=missing.have,
        of=missing.of,
        exception=sentences.exception(missing),
        example=lines_link(example.repository_url, missing.place),
        example_in=repository_link(reading.name(example)),
        example_is=_example_is(missing),
    )


def _variant(reading: Reading, here: Projection, variant: Variant) -> VariantLine:
    example = reading.view.repositories[variant.example.id]
    return VariantLine(
        pattern=pattern_link(variant.pattern, variant.name),
        have=variant.have,
        of=variant.of,
        theirs=variant.theirs,
        ours=variant.ours,
        here=lines_link(here.repository_url, variant.here),
        example=lines_link(example.repository_url, variant.there),
        example_in=repository_link(reading.name(example)),
        example_is=_example_is(variant),
    )


def _example_is(told: Missing | Variant) -> str:
    return "Newest example" if told.is_newest else "For example"
