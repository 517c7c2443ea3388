"""What Claude says of a repository, and the code bore out: each claim until its line is gone.

A push is read by its added lines alone, so what was said of the others goes on holding. Whoever reads a push
without Claude tells which lines went (`FileReading.gone`), so that a failure takes nothing away.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from devnexus.events.patterns_extracted import Claim, FileReading, PatternsExtracted
from devnexus.layout_key import KEY_DIGITS

_ALL = "*"


@dataclass(frozen=True)
class Held:
    """A claim that holds."""

    path: str
    claim: Claim
    commit: str
    """The commit that the line was read at."""


class StandingClaims:
    """Path by path, the claims that hold; `take` each analysis once, in order."""

    def __init__(self) -> None:
        self._by_path: dict[str, tuple[Held, ...]] = {}
        self._paths: dict[str, set[str]] = defaultdict(set)
        self._is_rewritten = False
        """Whether a forced push may have taken lines away of which nobody has told yet."""

    def take(self, record: PatternsExtracted) -> frozenset[str]:
        """Let `record` add claims and end others; return the patterns that may be claimed otherwise now."""
        after = dict(self._in_tree(record) if record.coverage == "tree" else self._in_change(record))
        self._is_rewritten = record.coverage == "commits" or (
            self._is_rewritten and record.coverage != "tree"
        )
        touched: set[str] = set()
        for path, held in after.items():
            touched |= self._put(path, held)
        return frozenset(touched)

    def of(self, pattern: str) -> Sequence[Held]:
        """The claims of one pattern, by path and line."""
        found = [
            held
            for path in sorted(self._paths.get(pattern, ()))
            for held in self._by_path[path]
            if held.claim.pattern == pattern
        ]
        return sorted(found, key=lambda held: (held.path, held.claim.line, held.claim.quote))

    def affected(self, record: PatternsExtracted) -> frozenset[str]:
        """The patterns whose claims `record` may end or add."""
        before = {held.claim.pattern for path in self.paths(record) for held in self._by_path.get(path, ())}
        return frozenset(before | {claim.pattern for file in record.files for claim in file.claims or ()})

    def paths(self, record: PatternsExtracted) -> frozenset[str]:
        """Where `record` may end or add claims, or where they come from."""
        listed = {path for file in record.files for path in _paths(file)}
        return frozenset(listed | self._by_path.keys() if record.coverage == "tree" else listed)

    def _in_change(self, record: PatternsExtracted) -> Iterator[tuple[str, tuple[Held, ...]]]:
        for file in record.files:
            if file.status == "removed":
                yield file.path, ()
            else:
                before = self._by_path.get(file.moved_from or file.path, ())
                yield file.path, _united(_living(before, file), file, record.after)

    def _in_tree(self, record: PatternsExtracted) -> Iterator[tuple[str, tuple[Held, ...]]]:
        listed = {file.path: file for file in record.files if file.status != "removed"}
        for path in self._by_path.keys() - listed.keys():
            yield path, ()
        for path, file in listed.items():
            if file.claims is not None or self._is_rewritten:
                yield path, _united((), file, record.after)

    def _put(self, path: str, held: tuple[Held, ...]) -> set[str]:
        before = {one.claim.pattern for one in self._by_path.pop(path, ())}
        after = {one.claim.pattern for one in held}
        for pattern in before:
            self._paths[pattern].discard(path)
        for pattern in after:
            self._paths[pattern].add(path)
        if held:
            self._by_path[path] = held
        return before | after


def _paths(file: FileReading) -> tuple[str, ...]:
    return (file.path, file.moved_from) if file.moved_from else (file.path,)


def _living(held: Iterable[Held], file: FileReading) -> Iterator[Held]:
    if file.gone is None or file.gone == _ALL:
        return
    starts = range(0, len(file.gone), KEY_DIGITS)
    gone = {file.gone[start : start + KEY_DIGITS] for start in starts}
    for one in held:
        if one.claim.key not in gone:
            yield Held(file.path, one.claim, one.commit)


def _united(living: Iterable[Held], file: FileReading, commit: str) -> tuple[Held, ...]:
    """Each line once for each pattern, as it was last read."""
    new = (Held(file.path, claim, commit) for claim in file.claims or ())
    return tuple({(one.claim.pattern, one.claim.key): one for one in (*living, *new)}.values())
