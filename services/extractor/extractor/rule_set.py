"""All rules, checked, compiled and indexed: loaded once, at the start."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

import yaml
from pydantic import ValidationError

from devnexus.errors import ConfigurationError
from devnexus.events.patterns_extracted import Pattern
from devnexus.own_yaml import read_own
from devnexus.package_url import package_url, without_major_version
from devnexus.taxonomy import load_taxonomy
from extractor.globs import compile_globs
from extractor.imports import without_versions
from extractor.regex import Regex, RegexTable, compile_regex
from extractor.rule import Config, Rule
from extractor.rules import RULES_VERSION

Named = tuple[str, str]
"""An ecosystem and a package, or an import system and a module."""


@dataclass(frozen=True)
class Speaks:
    """For which rule something speaks, and how strongly."""

    rule: str
    weight: float


@dataclass(frozen=True)
class SpeakingText(Speaks):
    """What text speaks, and in files under which paths; under all if there are none."""

    regex: Regex
    paths: Regex | None = None


@dataclass(frozen=True)
class RuleSet:
    """Every rule, by the kind of evidence that it looks for."""

    version: int
    digest: str
    """Changes with every change of a rule."""
    patterns: Mapping[str, Pattern]
    dependencies: Mapping[Named, tuple[Speaks, ...]]
    imports: Mapping[Named, tuple[Speaks, ...]]
    code: Mapping[str, RegexTable[SpeakingText]]
    """By language; under `""` for those that no rule names."""
    config: RegexTable[SpeakingText]
    paths: RegexTable[Speaks]
    purls: Mapping[str, frozenset[str]]
    """Package URL → the rules for which the package speaks; of a Go module without its major version."""


def load_rules(folder: Traversable | None = None) -> RuleSet:
    """The rules that come with the package, or those in `folder`.

    Raises ConfigurationError that names file and field if anything in a rule is wrong: a rule set that
    is loaded in part would look like a pattern that is gone.
    """
    folder = folder or files("extractor.rules")
    sources = {file.name: file.read_bytes() for file in folder.iterdir() if file.name.endswith(".yaml")}
    if not sources:
        raise ConfigurationError("there are no rules")
    rules = [_parsed(name, sources[name]) for name in sorted(sources)]
    dependencies = _packages(rules)
    return RuleSet(
        version=RULES_VERSION,
        digest=_digest(sources),
        patterns={rule.id: rule.pattern for rule in rules},
        dependencies=dependencies,
        imports=_modules(rules),
        code=_code(rules),
        config=_table(_config(rule.id, config) for rule in rules for config in rule.evidence.config),
        paths=RegexTable(
            (compile_globs(paths.globs), Speaks(rule.id, paths.weight))
            for rule in rules
            if (paths := rule.evidence.paths)
        ),
        purls={
            package_url(ecosystem, name): frozenset(speaks.rule for speaks in found)
            for (ecosystem, name), found in dependencies.items()
        },
    )


def _parsed(name: str, source: bytes) -> Rule:
    try:
        rule = Rule.model_validate(read_own(source))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"rule {name} is not YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the file"
        raise ConfigurationError(f"rule {name}, {field}: {first['msg']}") from error
    if name != f"{rule.id}.yaml":
        raise ConfigurationError(f"rule {name}, id: {rule.id!r} is not the name of the file")
    return rule


def _digest(sources: Mapping[str, bytes]) -> str:
    content = hashlib.sha256(str(RULES_VERSION).encode())
    content.update(repr(sorted(load_taxonomy().items())).encode())
    for name in sorted(sources):
        content.update(b"\0" + name.encode() + b"\0" + sources[name].replace(b"\r\n", b"\n"))
    return content.hexdigest()[:16]


def _packages(rules: Iterable[Rule]) -> Mapping[Named, tuple[Speaks, ...]]:
    index: dict[Named, list[Speaks]] = defaultdict(list)
    for rule in rules:
        if packages := rule.evidence.dependencies:
            for name in packages.any:
                ecosystem, _, package = name.partition(":")
                index[ecosystem, without_major_version(package)].append(Speaks(rule.id, packages.weight))
    return {key: tuple(speaks) for key, speaks in index.items()}


def _modules(rules: Iterable[Rule]) -> Mapping[Named, tuple[Speaks, ...]]:
    index: dict[Named, list[Speaks]] = defaultdict(list)
    for rule in rules:
        if modules := rule.evidence.imports:
            for name in modules.any:
                system, _, module = name.partition(":")
                index[system, without_versions(system, module)].append(Speaks(rule.id, modules.weight))
    return {key: tuple(speaks) for key, speaks in index.items()}


def _code(rules: Iterable[Rule]) -> Mapping[str, RegexTable[SpeakingText]]:
    pieces = [
        (code.languages, SpeakingText(rule.id, code.weight, compile_regex(code.regex)))
        for rule in rules
        for code in rule.evidence.code
    ]
    named = {language for languages, _ in pieces for language in languages}
    return {
        language: _table(text for languages, text in pieces if not languages or language in languages)
        for language in sorted({"", *named})
    }


def _config(rule: str, config: Config) -> SpeakingText:
    paths = compile_globs(config.paths) if config.paths else None
    return SpeakingText(rule, config.weight, compile_regex(config.regex), paths)


def _table(texts: Iterable[SpeakingText]) -> RegexTable[SpeakingText]:
    return RegexTable((text.regex, text) for text in texts)
