"""What the files of a repository say of it now: languages, words, manifests."""

from collections import Counter

from devnexus.events.patterns_extracted import Manifest, PatternsExtracted
from devnexus.knowledge.keywords import keywords, words_of
from devnexus.knowledge.projection import SHOWN_PLACES, DeclaredDependency, PublishedPackage

_LONGEST_INTRODUCTION = 500

_NO_PRODUCT = frozenset(
    "demo demos example examples fixture fixtures node_modules sample samples spec test testdata tests"
    " third_party vendor".split()
)
"""Folders whose manifests describe what is nobody's package, or somebody else's."""


class StandingFiles:
    """Path by path, what is known of one repository's files; `take` each analysis once, in order."""

    def __init__(self) -> None:
        self._manifests: dict[str, tuple[Manifest, str]] = {}
        """Path → what it declares, commit it was read at."""
        self._introductions: dict[str, str] = {}
        self._languages: dict[str, str] = {}
        self._words: Counter[str] = Counter()

    def take(self, record: PatternsExtracted) -> None:
        """Let what `record` read take the place of what was known of its paths, of all paths for a tree."""
        if record.coverage == "tree":
            self._manifests.clear()
            self._introductions.clear()
            self._languages.clear()
            self._words.clear()
        for file in record.files:
            self._forget(file.path)
        for file in record.files:
            if file.status == "removed":
                continue
            if file.manifest:
                self._manifests[file.path] = (file.manifest, record.after)
            if file.introduction:
                self._introductions[file.path] = file.introduction[:_LONGEST_INTRODUCTION]
            if file.language and file.path not in self._languages:
                self._languages[file.path] = file.language
                self._words.update(words_of(file.path))

    def languages(self) -> dict[str, int]:
        """Language → number of files."""
        return dict(Counter(self._languages.values()))

    def primary_language(self) -> str | None:
        """The language of most files, None where there is no code."""
        count = self.languages()
        return min(count, key=lambda name: (-count[name], name), default=None)

    def keywords(self) -> tuple[str, ...]:
        """What the languages and names of files say."""
        return keywords(self.languages(), self._words)

    def packages(self) -> tuple[str, ...]:
        """The names of all packages that manifests ask for."""
        return tuple(sorted({d.name for m, _ in self._manifests.values() for d in m.dependencies}))

    def declared(self) -> tuple[DeclaredDependency, ...]:
        """Every package that a manifest asks for itself, by ecosystem and name; one place of each.

        That is the first that needs it to run, else the first; examples and tests come after the product.
        """
        declared: dict[tuple[str, str], DeclaredDependency] = {}
        for path, (manifest, commit) in sorted(
            self._manifests.items(), key=lambda item: (not is_product(item[0]), item[0])
        ):
            for dependency in manifest.dependencies:
                key = (manifest.ecosystem, dependency.name)
                known = declared.get(key)
                if dependency.group != "indirect" and (not known or (known.group and not dependency.group)):
                    declared[key] = DeclaredDependency(
                        ecosystem=manifest.ecosystem, path=path, commit=commit, **dependency.model_dump()
                    )
        return tuple(declared[key] for key in sorted(declared))

    def published(self) -> tuple[PublishedPackage, ...]:
        """Every package that a manifest gives a name, by ecosystem and name; the first place of each.

        None of those that are never published: who asks for such a name means another package.
        """
        found: dict[tuple[str, str], PublishedPackage] = {}
        for path, (manifest, commit) in sorted(self._manifests.items()):
            if manifest.name and manifest.line and not manifest.is_private and is_product(path):
                found.setdefault(
                    (manifest.ecosystem, manifest.name),
                    PublishedPackage(
                        ecosystem=manifest.ecosystem,
                        name=manifest.name,
                        path=path,
                        line=manifest.line,
                        commit=commit,
                    ),
                )
        return tuple(found[key] for key in sorted(found)[:SHOWN_PLACES])

    def introduction(self) -> str | None:
        """The first paragraph of the README."""
        return next((text for _, text in sorted(self._introductions.items())), None)

    def description(self) -> str | None:
        """What a manifest in the root folder says; one further down speaks only for its part."""
        said = [m.description for path, (m, _) in sorted(self._manifests.items()) if "/" not in path]
        return next((text for text in said if text), None)

    def _forget(self, path: str) -> None:
        self._manifests.pop(path, None)
        self._introductions.pop(path, None)
        if self._languages.pop(path, None):
            self._words -= Counter(words_of(path))


def is_product(path: str) -> bool:
    """Whether a manifest at `path` speaks for what the repository makes, not for a test or an example."""
    return _NO_PRODUCT.isdisjoint(path.split("/"))
