"""Pages as readers see them: what was read, in the organisation's words, with what people know better."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from devnexus.knowledge.merged import merged
from devnexus.knowledge.projection import Projection, Seen, StandingPattern
from devnexus.people.corrections import Confirmed, Corrections, Hidden
from devnexus.people.globs import names_path
from devnexus.people.vocabulary import Vocabulary
from devnexus.taxonomy import load_taxonomy

UNKNOWN_CATEGORY = "unknown"
_NOT_IN_AN_ID = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Catalogue:
    """What patterns are called in all repositories: for one that a person names and nothing here shows."""

    ids: Mapping[str, str] = field(default_factory=dict)
    """Id or name, in lower case → id."""
    patterns: Mapping[str, StandingPattern] = field(default_factory=dict)
    """Id → the pattern where it stands first."""


def catalogue_of(pages: Iterable[Projection], vocabulary: Vocabulary) -> Catalogue:
    """The names that these pages use, in the words of `vocabulary`; the first page decides."""
    ids: dict[str, str] = {}
    patterns: dict[str, StandingPattern] = {}
    for page in pages:
        for id_, pattern in page.standing_patterns.items():
            canonical = _canonical(vocabulary, id_, pattern)
            patterns.setdefault(canonical, pattern)
            for word in (canonical, id_, pattern.name):
                ids.setdefault(word.lower(), canonical)
    return Catalogue(ids, patterns)


def corrected(
    page: Projection, *, vocabulary: Vocabulary, corrections: Corrections, catalogue: Catalogue
) -> Projection:
    """`page` as readers see it; the very same one where nobody says anything about it.

    What an import names without evidence is called as everybody calls it, where that is sure.
    """
    if not vocabulary.patterns and corrections == Corrections() and not page.unverified_patterns:
        return page
    return _Correction(page, vocabulary, corrections, catalogue).applied()


class Words:
    """Which pattern of a repository people mean by an id or a name."""

    def __init__(self, pages: Iterable[Projection], vocabulary: Vocabulary, catalogue: Catalogue) -> None:
        """`pages` are versions of the repository's page; what they know wins over the catalogue."""
        self._vocabulary = vocabulary
        self._catalogue = catalogue
        self._ids: dict[str, str] = {}
        for page in pages:
            for id_, pattern in page.standing_patterns.items():
                canonical = _canonical(vocabulary, id_, pattern)
                for word in (id_, pattern.name, canonical):
                    self._ids.setdefault(word.lower(), canonical)

    def and_names(self, names: Mapping[str, str]) -> "Words":
        """These words and more: `names` is id → another name."""
        more = Words((), self._vocabulary, self._catalogue)
        more._ids = {**{name.lower(): id_ for id_, name in names.items()}, **self._ids}
        return more

    def id(self, word: str) -> str:
        """The canonical id; for a pattern that nobody has seen, what it would be."""
        lowered = word.lower()
        return (
            self._vocabulary.canonical(word)
            or self._ids.get(lowered)
            or self._catalogue.ids.get(lowered)
            or self._vocabulary.names.canonical_of(word)
            or _NOT_IN_AN_ID.sub("-", lowered).strip("-")
            or lowered
        )


class _Correction:
    def __init__(
        self, page: Projection, vocabulary: Vocabulary, corrections: Corrections, catalogue: Catalogue
    ) -> None:
        self._page = page
        self._vocabulary = vocabulary
        self._corrections = corrections
        self._catalogue = catalogue
        words = Words([page], vocabulary, catalogue)
        self._hidden = {words.id(one.pattern) for one in corrections.hide if one.pattern}
        self._renamed = {words.id(one.pattern): one.name for one in corrections.rename}
        self._words = words.and_names(self._renamed)

    def applied(self) -> Projection:
        page, standing = self._page, self._standing()
        names = self._names(page.latest_patterns.patterns, standing)
        have_evidence = {pattern.name.casefold() for pattern in standing.values() if pattern.evidence}
        told = {name.casefold() for name in self._names(page.unverified_patterns, {})}
        told |= {pattern.name.casefold() for pattern in standing.values() if not pattern.evidence}
        return page.model_copy(
            update={
                "latest_patterns": page.latest_patterns.model_copy(update={"patterns": names}),
                "unverified_patterns": tuple(
                    name for name in names if name.casefold() in told - have_evidence
                ),
                "standing_patterns": standing,
                "components": tuple(
                    one for one in page.components if not self._hides(one.component_id, one.files)
                ),
                "imported_components": tuple(
                    one for one in page.imported_components if not self._hides(one.component_id, one.files)
                ),
            }
        )

    def _standing(self) -> dict[str, StandingPattern]:
        """What stands here by canonical id: merged, renamed, without the hidden, with the confirmed."""
        together: dict[str, list[tuple[str, StandingPattern]]] = {}
        for id_, pattern in self._page.standing_patterns.items():
            together.setdefault(_canonical(self._vocabulary, id_, pattern), []).append((id_, pattern))
        shown = {
            id_: self._called(id_, merged([pattern for _, pattern in sorted(some)]))
            for id_, some in together.items()
            if id_ not in self._hidden
        }
        for confirmed in self._corrections.confirm:
            id_ = self._words.id(confirmed.pattern)
            if id_ not in self._hidden:
                there = shown.get(id_) or self._unseen(id_, confirmed)
                shown[id_] = there.model_copy(update={"source": "person"})
        return dict(sorted(shown.items()))

    def _called(self, id_: str, pattern: StandingPattern) -> StandingPattern:
        naming = self._vocabulary.naming(id_)
        name = self._renamed.get(id_) or naming.name or pattern.name
        return pattern.model_copy(update={"name": name, "category": naming.category or pattern.category})

    def _unseen(self, id_: str, confirmed: Confirmed) -> StandingPattern:
        """A pattern on the word of a person alone: without evidence, and as of what was last known."""
        elsewhere = self._catalogue.patterns.get(id_) or load_taxonomy().get(id_)
        now = Seen(commit=self._page.latest_patterns.commit_sha, at=self._page.last_updated)
        pattern = StandingPattern(
            name=elsewhere.name if elsewhere else confirmed.pattern,
            category=elsewhere.category if elsewhere else UNKNOWN_CATEGORY,
            confidence=0.0,
            first_seen=now,
            last_seen=now,
            evidence=(),
        )
        return self._called(id_, pattern)

    def _names(self, names: Iterable[str], standing: Mapping[str, StandingPattern]) -> tuple[str, ...]:
        """These names and those of `standing` as they are shown, each once, the hidden ones left out."""
        shown: dict[str, str] = {}
        for name in names:
            id_ = self._words.id(name)
            if id_ not in self._hidden:
                there = standing.get(id_)
                told = self._renamed.get(id_) or self._vocabulary.naming(id_).name or _usual_name(id_, name)
                text = there.name if there else told
                shown.setdefault(text.casefold(), text)
        for pattern in standing.values():
            shown.setdefault(pattern.name.casefold(), pattern.name)
        return tuple(shown.values())

    def _hides(self, component_id: str, files: Iterable[str]) -> bool:
        return any(_means(one, component_id, files) for one in self._corrections.hide if one.component)


def _usual_name(id_: str, name: str) -> str:
    usual = load_taxonomy().get(id_)
    return usual.name if usual else name


def _canonical(vocabulary: Vocabulary, id_: str, pattern: StandingPattern) -> str:
    return vocabulary.canonical(id_) or vocabulary.canonical(pattern.name) or id_


def _means(hidden: Hidden, component_id: str, files: Iterable[str]) -> bool:
    wanted = hidden.component or ""
    return wanted == component_id or any(names_path([wanted], path) for path in files)
