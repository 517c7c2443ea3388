"""What patterns are called in a knowledge base, and in how many repositories they stand."""

import re
from dataclasses import dataclass, field

from devnexus.knowledge.view import View
from devnexus.taxonomy import load_taxonomy

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


@dataclass
class PatternName:
    """One pattern."""

    id: str | None
    """None: a name that an import brought, and that means no known pattern."""
    name: str
    other_words: tuple[str, ...] = ()
    """Aliases and merged ids that the organisation gave it."""
    repositories: set[str] = field(default_factory=set)
    """Those it stands in."""


class PatternNames:
    """Every pattern that the taxonomy, the organisation or a page names."""

    def __init__(self, view: View) -> None:
        self._vocabulary = view.people.vocabulary
        self.by_id: dict[str, PatternName] = {}
        self._by_name: dict[str, str] = {}
        self._unknown: dict[str, PatternName] = {}
        for id_, usual in load_taxonomy().items():
            self._add(id_, usual.name)
        for id_ in self._vocabulary.patterns:
            self._add(id_, id_)
        for page in view.repositories.values():
            for id_, pattern in page.standing_patterns.items():
                self._add(id_, pattern.name).repositories.add(page.repository_id)
            for name in page.unverified_patterns:
                self._told(name).repositories.add(page.repository_id)

    def all(self) -> list[PatternName]:
        """Those of most repositories first, then by id; what only imports name comes last."""
        known = sorted(self.by_id.values(), key=lambda one: (-len(one.repositories), one.id or ""))
        return known + sorted(self._unknown.values(), key=lambda one: (-len(one.repositories), one.name))

    def meant(self, word: str) -> str | None:
        """The id that `word` means here: as an id, by a name, or by another spelling of one."""
        return (
            self._vocabulary.canonical(word)
            or (word if word in self.by_id else None)
            or self._by_name.get(word.casefold())
            or self._vocabulary.names.canonical_of(word)
        )

    def is_id(self, word: str) -> bool:
        """Whether `word` is an id as rules write it, and stands somewhere or is everybody's."""
        return bool(_ID.fullmatch(word)) and (word in self.by_id or word in load_taxonomy())

    def _add(self, id_: str, name: str) -> PatternName:
        canonical = self._vocabulary.canonical(id_) or id_
        naming = self._vocabulary.naming(canonical)
        entry = PatternName(canonical, naming.name or name, (*naming.aliases, *naming.merge))
        self._by_name.setdefault(entry.name.casefold(), canonical)
        return self.by_id.setdefault(canonical, entry)

    def _told(self, name: str) -> PatternName:
        meant = self.meant(name)
        if meant in self.by_id:
            return self.by_id[meant]
        return self._unknown.setdefault(name.casefold(), PatternName(None, name))
