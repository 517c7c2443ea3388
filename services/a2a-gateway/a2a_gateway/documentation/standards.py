"""The rules that hold for a repository: a standard, and what its organisation makes of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from devnexus.people.documentation import Documentation, Rule, RuleSet, Severity, Standard
from devnexus.people.yaml_file import parse
from devnexus.values import digest


@dataclass(frozen=True)
class Held:
    """What holds for one repository."""

    standard: Standard
    rules: RuleSet
    unknown: tuple[str, ...]
    """Ids of rules that are to be changed, and are not there."""

    @property
    def digest(self) -> str:
        """Two that are equal have the same."""
        return digest([self.standard, self.rules.model_dump(mode="json")])


def rules_for(name: str, said: Documentation, *, is_public: bool) -> Held:
    """What holds for the repository `<owner>/<name>`."""
    own = said.own(name)
    standard = (own.standard if own else None) or said.standard
    base = standard_rules(standard)
    further = (*said.rules, *(own.rules if own else ()))
    rules, unknown = _changed(base.rules, further)
    core = base.core if said.core is None else said.core
    return Held(
        standard=standard,
        rules=RuleSet(
            documents=base.documents,
            ignore=(*base.ignore, *said.ignore, *(own.ignore if own else ())),
            core=core,
            rules=tuple(rule for rule in rules if is_public or not rule.public_only),
        ),
        unknown=unknown,
    )


@cache
def standard_rules(standard: Standard) -> RuleSet:
    """The rules of a standard, as they are delivered."""
    return parse(RuleSet, (files(__package__) / f"{standard}.yaml").read_bytes())


def severity_of(rule: Rule) -> Severity:
    """How bad it is if it is not right."""
    return rule.severity or "medium"


def _changed(base: Sequence[Rule], further: Iterable[Rule]) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    rules = {rule.id: rule for rule in base}
    unknown: list[str] = []
    for rule in further:
        if rule.is_whole:
            rules[rule.id] = rule
        elif rule.id not in rules:
            unknown.append(rule.id)
        else:
            changes = {field: getattr(rule, field) for field in rule.model_fields_set - {"id"}}
            rules[rule.id] = rules[rule.id].model_copy(update=changes)
    return tuple(rule for rule in rules.values() if not rule.off), tuple(dict.fromkeys(unknown))
