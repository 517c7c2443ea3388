"""A rule as its YAML file writes it: checked when it is loaded, so that a mistake stops the start."""

from typing import Annotated, get_args

from pydantic import AfterValidator, Field

from devnexus.events.patterns_extracted import Ecosystem, Kind, Pattern
from devnexus.taxonomy import load_taxonomy
from devnexus.values import Value
from extractor.globs import compile_globs
from extractor.imports import SYSTEMS
from extractor.languages import LANGUAGES
from extractor.regex import compile_regex

ECOSYSTEMS = get_args(Ecosystem)


def _regex(pattern: str) -> str:
    """`pattern` in one line: it may be written over several, and white space around each does not count."""
    pattern = "".join(line.strip() for line in pattern.split("\n"))
    if compile_regex(pattern).found_in(""):
        raise ValueError("the pattern matches the empty text")
    return pattern


def _glob(glob: str) -> str:
    compile_globs([glob])
    return glob


def _package(name: str) -> str:
    ecosystem, _, package = name.partition(":")
    if ecosystem not in ECOSYSTEMS or not package:
        raise ValueError(f"{name!r} is not <{'|'.join(ECOSYSTEMS)}>:<package>")
    return name


def _module(name: str) -> str:
    systems = sorted(set(SYSTEMS.values()))
    system, _, module = name.partition(":")
    if system not in systems or not module:
        raise ValueError(f"{name!r} is not <{'|'.join(systems)}>:<module>")
    return name


def _canonical(id_: str) -> str:
    if id_ not in load_taxonomy():
        raise ValueError(f"{id_!r} is not in taxonomy.yaml")
    return id_


def _language(name: str) -> str:
    if name not in LANGUAGES:
        raise ValueError(f"{name!r} is not a language that `languages.py` knows")
    return name


Weight = Annotated[float, Field(gt=0, lt=1)]
RegexText = Annotated[str, AfterValidator(_regex)]
GlobText = Annotated[str, AfterValidator(_glob)]


class Packages(Value):
    """Packages of which each asked-for one speaks for the pattern."""

    weight: Weight
    any: Annotated[tuple[Annotated[str, AfterValidator(_package)], ...], Field(min_length=1)]


class Modules(Value):
    """Modules of which each imported one, or anything inside it, speaks for the pattern."""

    weight: Weight
    any: Annotated[tuple[Annotated[str, AfterValidator(_module)], ...], Field(min_length=1)]


class Code(Value):
    """Text that speaks for the pattern when it stands in code."""

    weight: Weight
    regex: RegexText
    languages: tuple[Annotated[str, AfterValidator(_language)], ...] = ()
    """Empty for all."""


class Config(Value):
    """Text that speaks for the pattern when it stands in a file that configures or declares."""

    weight: Weight
    regex: RegexText
    paths: tuple[GlobText, ...] = ()
    """Empty for all."""


class Paths(Value):
    """Paths whose being there speaks for the pattern."""

    weight: Weight
    globs: Annotated[tuple[GlobText, ...], Field(min_length=1)]


class Evidence(Value):
    """What speaks for the pattern, by kind; the heavier, the surer."""

    dependencies: Packages | None = None
    imports: Modules | None = None
    code: tuple[Code, ...] = ()
    config: tuple[Config, ...] = ()
    paths: Paths | None = None


class Rule(Value):
    """How one architectural pattern shows itself; what it is called stands in the taxonomy."""

    id: Annotated[str, AfterValidator(_canonical)]
    need: tuple[Kind, ...] = ()
    """Kinds of which one must be there before the pattern is believed."""
    evidence: Evidence

    @property
    def pattern(self) -> Pattern:
        """What a record tells about the rule."""
        canonical = load_taxonomy()[self.id]
        return Pattern(
            id=self.id,
            name=canonical.name,
            category=canonical.category,
            need=self.need,
            anti=canonical.anti,
        )
