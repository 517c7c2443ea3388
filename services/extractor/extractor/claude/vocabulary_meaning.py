"""What the names of patterns mean: the organisation's vocabulary, then the taxonomy, then what is alike."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from devnexus.events.patterns_extracted import Pattern
from devnexus.knowledge.corrected import UNKNOWN_CATEGORY
from devnexus.people.names import may_mean_the_opposite, means_it_only_alone
from devnexus.people.vocabulary import Vocabulary
from devnexus.taxonomy import Canonical, load_taxonomy
from extractor.claude.embedder import Embedder, Vector
from extractor.claude.meaning import Meant
from extractor.claude.near_names import NearNames

SURE = 0.65
MAYBE = 0.6
"""Likeness from which a name means a pattern, or may mean it (benchmarks/names.py)."""

_LONGEST = 100
"""Characters. What is longer is no name."""
_EMBEDDED = 4_096
"""Texts of which the vectors are kept, 1.5 kB each."""


Embed = Callable[[str], Vector]


class VocabularyMeaning:
    """A Meaning: what these words of an organisation, and everybody's, say of patterns."""

    def __init__(
        self, vocabulary: Vocabulary, rules: Mapping[str, Pattern], embed: Embed | None = None
    ) -> None:
        """`rules` are the patterns that rules look for; without `embed` only sure names mean anything."""
        self._vocabulary = vocabulary
        self._taxonomy = load_taxonomy()
        ids = {vocabulary.canonical(id_) or id_ for id_ in (*self._taxonomy, *rules, *vocabulary.patterns)}
        self._patterns = {id_: rules.get(id_) or self._pattern(id_) for id_ in sorted(ids)}
        self._near = NearNames(self._texts(), embed) if embed else None

    @cached_property
    def patterns(self) -> Sequence[Pattern]:
        """As promised by Meaning."""
        return tuple(self._patterns.values())

    def gloss(self, id_: str) -> str:
        """As promised by Meaning; of what only the organisation knows, that of one merged into it."""
        return next((usual.gloss for usual in self._usual(id_)), "")

    def names(self, id_: str) -> Sequence[str]:
        """As promised by Meaning: the organisation's first, without those it gives to another pattern."""
        names = (name for name in self._all_names(id_) if self._vocabulary.canonical(name) in (None, id_))
        return tuple({name.casefold(): name for name in names}.values())

    def of(self, name: str) -> Meant:
        """As promised by Meaning."""
        if name in self._patterns:
            return Meant(id=name)
        if sure := self._vocabulary.names.canonical_of(name):
            return Meant(id=sure)
        if self._near is None or len(name) > _LONGEST:
            return Meant()
        near = self._near.closest(name)
        if near.likeness < MAYBE:
            return Meant()
        # nobody is accused of an anti-pattern because of what a name is like
        doubtful = self._patterns[near.id].anti or may_mean_the_opposite(name)
        return Meant(maybe=near.id) if near.likeness < SURE or doubtful else Meant(id=near.id)

    def _pattern(self, id_: str) -> Pattern:
        own, usual = self._vocabulary.naming(id_), self._taxonomy.get(id_)
        return Pattern(
            id=id_,
            name=own.name or (usual.name if usual else id_),
            category=own.category or (usual.category if usual else UNKNOWN_CATEGORY),
            anti=any(one.anti for one in self._usual(id_)),
        )

    def _usual(self, id_: str) -> Iterator[Canonical]:
        """What everybody knows of the pattern, then of those merged into it."""
        known = map(self._taxonomy.get, (id_, *self._vocabulary.naming(id_).merge))
        return filter(None, known)

    def _all_names(self, id_: str) -> Iterator[str]:
        own = self._vocabulary.naming(id_)
        yield from (own.name,) if own.name else ()
        yield from own.aliases
        for usual in self._usual(id_):
            yield usual.name
            yield from usual.aliases

    def _texts(self) -> Iterator[tuple[str, str]]:
        for pattern in self.patterns:
            names = [name for name in self.names(pattern.id) if not means_it_only_alone(name)]
            yield from ((pattern.id, name) for name in names or [pattern.name])
            if gloss := self.gloss(pattern.id):
                yield pattern.id, f"{pattern.name}: {gloss}"


class Meanings:
    """What names mean now; made anew only when people say something else."""

    def __init__(
        self,
        vocabulary: Callable[[], Vocabulary],
        rules: Mapping[str, Pattern],
        embedder: Embedder | None = None,
    ) -> None:
        """`vocabulary` gives the very same object while it says the same."""
        self._vocabulary = vocabulary
        self._rules = rules
        self._embed = lru_cache(_EMBEDDED)(embedder.embed) if embedder else None
        self._last: tuple[Vocabulary, VocabularyMeaning] | None = None

    def now(self) -> VocabularyMeaning:
        """What the organisation means now; raises what `vocabulary` raises."""
        vocabulary, last = self._vocabulary(), self._last
        if last and last[0] is vocabulary:
            return last[1]
        meaning = VocabularyMeaning(vocabulary, self._rules, self._embed)
        self._last = vocabulary, meaning
        return meaning
