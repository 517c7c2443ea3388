"""Which documentation speaks of code that changed, and did not change itself."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from a2a_gateway.documentation.document import Document
from a2a_gateway.documentation.selection import is_document, is_told_once
from a2a_gateway.files.repository_files import Commit
from devnexus.people.documentation import Severity
from devnexus.people.globs import names_path

_CODE = (
    *(".py", ".js", ".ts", ".java", ".go", ".rs", ".cpp", ".c", ".h"),
    *(
        ".jsx",
        ".tsx",
        ".mjs",
        ".cjs",
        ".vue",
        ".svelte",
        ".cs",
        ".fs",
        ".rb",
        ".php",
        ".kt",
        ".scala",
        ".swift",
    ),
    *(".cc", ".cxx", ".hpp", ".hh", ".ex", ".exs", ".dart", ".lua", ".hs", ".clj", ".jl", ".sh", ".sql"),
)
_TEST = re.compile(
    r"(^|/)(tests?|testing|__tests__|specs?|e2e|cypress|testdata|fixtures)/|(^|/)(test_[^/]*|conftest\.py)$"
    r"|[._-](tests?|spec|cy)\.\w+$",
    re.IGNORECASE,
)
_MENTION = re.compile(r"(?<![\w@.+/-])(?:\./)?[\w@.+-]+(?:/[\w@.+-]+)*\.[A-Za-z]{1,6}(?![\w/])")
_README = ("readme.md", "readme.rst", "readme.adoc", "readme.markdown", "readme.txt", "readme")
_LONGEST_LINE = 2000
_DEEPEST = 8
"""So many of the last parts of a path are looked for."""


def is_code(path: str) -> bool:
    """Whether it is a program's text, and not a test of one."""
    return path.lower().endswith(_CODE) and not _TEST.search(path)


@dataclass(frozen=True)
class Stale:
    """A document that speaks of code, and stayed as it was while that changed."""

    severity: Severity
    document: str
    """Empty: no document changed at all."""
    line: int | None
    """Where it speaks of the first of the files; None where it stands beside them."""
    files: tuple[str, ...]
    commits: tuple[str, ...]
    """What changed them, newest first."""


@dataclass(frozen=True)
class Documented:
    """What documents speak of."""

    documents: Mapping[str, Document]
    files: frozenset[str]
    """Every file of the repository."""
    components: Mapping[str, Sequence[str]]
    """Path → the names of what is defined there."""

    @cached_property
    def _mentions(self) -> Mapping[str, list[tuple[str, int]]]:
        """What looks like a path, or stands as code → where."""
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for path, document in self.documents.items():
            if is_told_once(path):
                continue
            said = {word: (path, line) for word, line in reversed([*_words(document)])}
            for word, place in said.items():
                found[word].append(place)
        return found

    @cached_property
    def _names(self) -> Mapping[str, int]:
        """How many files are called so."""
        found: dict[str, int] = defaultdict(int)
        for path in self.files:
            found[posixpath.basename(path)] += 1
        return found

    def speaking_of(self, path: str) -> Iterator[tuple[str, int]]:
        """Document and line, once for each document."""
        parts = path.split("/")
        ends = ["/".join(parts[start:]) for start in range(max(0, len(parts) - _DEEPEST), len(parts))]
        if self._names[parts[-1]] > 1:
            ends.pop()
        words = [*ends, *self.components.get(path, ())]
        places = [place for word in words for place in self._mentions.get(word, ())]
        yield from dict(reversed(places)).items()

    def readme_of(self, path: str) -> str | None:
        """The README that stands nearest, in the folder of the file or above; not that of the repository."""
        folder = posixpath.dirname(path)
        while folder:
            for name in self._readmes.get(folder, ()):
                return name
            folder = posixpath.dirname(folder)
        return None

    @cached_property
    def _readmes(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self.files):
            if posixpath.basename(path).lower() in _README:
                found[posixpath.dirname(path)].append(path)
        return found


def stale(commits: Sequence[Commit], documented: Documented, *, core: Sequence[str]) -> list[Stale]:
    """What ought to have changed with the code, the worst first.

    high: core code changed, and no document did. medium: a document names a file that changed. low: a
    README stands beside files that changed.
    """
    changed = _changed(commits)
    written = {path for path in changed if is_document(path)}
    found: list[Stale] = []
    core_files = [path for path in changed if is_code(path) and names_path(core, path)]
    if core_files and not written:
        found.append(_stale("high", "", None, core_files, changed))
    named: dict[str, list[tuple[str, int]]] = defaultdict(list)
    beside: dict[str, list[str]] = defaultdict(list)
    for path in changed:
        if not is_code(path) or path not in documented.files:
            continue
        for document, line in documented.speaking_of(path):
            named[document].append((path, line))
        if readme := documented.readme_of(path):
            beside[readme].append(path)
    for document in sorted(named.keys() - written):
        files = [path for path, _ in named[document]]
        found.append(_stale("medium", document, named[document][0][1], files, changed))
    for readme in sorted(beside.keys() - written - named.keys()):
        found.append(_stale("low", readme, None, beside[readme], changed))
    return found


def _stale(
    severity: Severity,
    document: str,
    line: int | None,
    files: Sequence[str],
    changed: Mapping[str, Sequence[str]],
) -> Stale:
    commits = dict.fromkeys(sha for path in files for sha in changed[path])
    return Stale(severity, document, line, tuple(files), tuple(commits))


def _changed(commits: Iterable[Commit]) -> dict[str, list[str]]:
    """Path → the commits that changed it, newest first."""
    found: dict[str, list[str]] = defaultdict(list)
    for commit in commits:
        for path in commit.paths:
            found[path].append(commit.sha)
    return found


def _words(document: Document) -> Iterator[tuple[str, int]]:
    for number, line in enumerate(document.text.splitlines(), start=1):
        for word in _MENTION.findall(line[:_LONGEST_LINE]):
            yield word.removeprefix("./"), number
    for code in document.code:
        yield code.text.removesuffix("()"), code.line
