"""How a repository is tested, secured and deployed, as its files say: by what `facts.yaml` names."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import Field, TypeAdapter

from devnexus.errors import ConfigurationError
from devnexus.events.patterns_extracted import Fact, Manifest
from devnexus.own_yaml import read_own
from devnexus.package_url import without_major_version
from devnexus.values import Value
from extractor.globs import compile_globs
from extractor.regex import Regex, RegexTable, compile_regex

_MOST = 50
_INDIRECT = "indirect"
"""The group of what others brought along."""
_OF_THE_PRODUCT = frozenset({"authentication", "infrastructure", "deployment-script"})
"""What tests and examples do does not tell how the product does it."""


class Text(Value):
    """Lines that tell it, in files under these globs."""

    paths: Annotated[tuple[str, ...], Field(min_length=1)]
    regex: str


class Signs(Value):
    """By what one fact shows itself; each sign alone is enough."""

    packages: tuple[str, ...] = ()
    """`<ecosystem>:<name>`."""
    paths: tuple[str, ...] = ()
    text: tuple[Text, ...] = ()


@dataclass(frozen=True)
class _Seen:
    about: str
    name: str


@dataclass(frozen=True)
class Known:
    """What tells facts, indexed by what it is found in."""

    packages: Mapping[tuple[str, str], tuple[_Seen, ...]]
    paths: RegexTable[_Seen]
    text: RegexTable[tuple[Regex, _Seen]]
    """By the paths under which the lines stand."""


def facts_of(
    path: str, text: str, manifest: Manifest | None, *, is_product: bool, known: Known | None = None
) -> tuple[Fact, ...]:
    """What one file says, each fact once, at its first line; at most 50; `known` stands for `facts.yaml`.

    A file that is not the product's own (`is_product`) may tell how it is tested, not what it runs on.
    """
    first: dict[_Seen, int] = {}
    for seen, line in _seen(path, text, manifest, known or load_facts()):
        if is_product or seen.about not in _OF_THE_PRODUCT:
            first[seen] = min(line, first.get(seen, line))
    told = sorted(first.items(), key=lambda one: (one[0].about, one[0].name))
    return tuple(
        Fact.model_validate({"about": seen.about, "name": seen.name, "line": line}) for seen, line in told
    )[:_MOST]


def _seen(path: str, text: str, manifest: Manifest | None, known: Known) -> Iterator[tuple[_Seen, int]]:
    if manifest:
        for dependency in manifest.dependencies:
            key = (manifest.ecosystem, without_major_version(dependency.name))
            if dependency.group != _INDIRECT:
                yield from ((seen, dependency.line) for seen in known.packages.get(key, ()))
    encoded = path.encode("utf-8", "replace")
    for seen in known.paths.found_in(encoded):
        yield seen, 1
    content: bytes | None = None
    for regex, seen in known.text.found_in(encoded):
        content = text.encode("utf-8", "replace") if content is None else content
        found = next(iter(regex.spans(content)), None)
        if found:
            yield seen, content.count(b"\n", 0, found[0]) + 1


@cache
def load_facts() -> Known:
    """What `facts.yaml` names, checked and compiled; services load it at their start."""
    return parse_facts(files("extractor").joinpath("facts.yaml").read_text("utf-8"))


def parse_facts(text: str) -> Known:
    """What a file such as `facts.yaml` names; raises ConfigurationError where anything in it is wrong."""
    try:
        return _compiled(TypeAdapter(dict[str, dict[str, Signs]]).validate_python(read_own(text)))
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigurationError(f"facts.yaml: {error}") from error


def _compiled(table: Mapping[str, Mapping[str, Signs]]) -> Known:
    packages: dict[tuple[str, str], list[_Seen]] = defaultdict(list)
    paths: list[tuple[Regex, _Seen]] = []
    texts: list[tuple[Regex, tuple[Regex, _Seen]]] = []
    for about, named in table.items():
        for name, signs in named.items():
            seen = _Seen(about, name)
            Fact.model_validate({"about": about, "name": name})
            for package in signs.packages:
                ecosystem, _, wanted = package.partition(":")
                packages[ecosystem, wanted].append(seen)
            if signs.paths:
                paths.append((compile_globs(signs.paths), seen))
            texts += [(compile_globs(text.paths), (compile_regex(text.regex), seen)) for text in signs.text]
    return Known(
        packages={key: tuple(value) for key, value in packages.items()},
        paths=RegexTable(paths),
        text=RegexTable(texts),
    )
