"""`vocabulary.yaml`: what the organisation calls its patterns, and which of them are the same."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from devnexus.people.names import Names
from devnexus.people.section import Section, Word, Words

VOCABULARY_PATH = "vocabulary.yaml"

PatternId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=100)]
"""Lower case, as rules write it: `retry-backoff`."""


class Naming(Section):
    """One pattern by its canonical id."""

    name: Word | None = None
    """What it is called everywhere."""
    category: Word | None = None
    aliases: Words = ()
    """Other names or ids that mean it, whatever their case: in questions, and in what imports bring."""
    merge: tuple[PatternId, ...] = ()
    """Ids of other patterns that are shown as this one."""

    @model_validator(mode="after")
    def _one_name_for_all(self) -> Self:
        if (self.aliases or self.merge) and not self.name:
            raise ValueError("name is missing: what it and its aliases are all called")
        return self


class Vocabulary(Section):
    """Names, aliases and merges of patterns."""

    patterns: Annotated[
        Mapping[PatternId, Naming], Field(json_schema_extra={"additionalProperties": False})
    ] = {}
    """By canonical id."""

    @model_validator(mode="after")
    def _each_word_means_one_pattern(self) -> Self:
        meant: dict[str, str] = {}
        for id_, naming in self.patterns.items():
            words = {id_, *naming.merge, *(word.lower() for word in (naming.name or id_, *naming.aliases))}
            for word in words:
                if meant.setdefault(word, id_) != id_:
                    other = meant[word]
                    raise ValueError(f"patterns {other} and {id_} both claim one id, name, alias or merge")
        return self

    @cached_property
    def words(self) -> Mapping[str, str]:
        """Id, name, alias or merged id, in lower case → the canonical id that is meant."""
        return {
            word.lower(): id_
            for id_, naming in self.patterns.items()
            for word in (id_, naming.name or id_, *naming.aliases, *naming.merge)
        }

    @cached_property
    def names(self) -> Names:
        """What free names mean, where these words decide over those that everybody uses."""
        return Names(self.words)

    def canonical(self, word: str) -> str | None:
        """The canonical id that this id or name means, None where the vocabulary does not say."""
        return self.words.get(word.strip().lower())

    def naming(self, id_: str) -> Naming:
        """What is said of the pattern with this canonical id."""
        return self.patterns.get(id_) or Naming()
