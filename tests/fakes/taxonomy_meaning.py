"""What names mean where an organisation says nothing of it."""

from devnexus.events.patterns_extracted import Pattern
from devnexus.people.names import canonical_of
from devnexus.taxonomy import load_taxonomy
from extractor.claude.meaning import Meant
from extractor.rule_set import load_rules


class TaxonomyMeaning:
    """A Meaning of the names that everybody uses."""

    def __init__(self) -> None:
        rules = load_rules().patterns
        self.patterns = [
            rules.get(id_) or Pattern(id=id_, name=one.name, category=one.category, anti=one.anti)
            for id_, one in load_taxonomy().items()
        ]

    def gloss(self, id_: str) -> str:
        return load_taxonomy()[id_].gloss

    def of(self, name: str) -> Meant:
        return Meant(id=name if name in load_taxonomy() else canonical_of(name))

    def names(self, id_: str) -> list[str]:
        return [load_taxonomy()[id_].name, *load_taxonomy()[id_].aliases]
