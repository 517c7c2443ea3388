"""The decisions of a repository: those that its files record now, and those that its pushes told of."""

from collections import deque
from collections.abc import Iterable

from devnexus.events.patterns_extracted import Decision, PatternsExtracted
from devnexus.knowledge.projection import SHOWN_DECISIONS, SHOWN_TITLES, Seen, StandingDecision


class StandingDecisions:
    """What was decided in one repository; `take` each analysis once, in order."""

    def __init__(self) -> None:
        self._by_path: dict[str, tuple[StandingDecision, ...]] = {}
        self._told: deque[StandingDecision] = deque(maxlen=SHOWN_DECISIONS)
        """By pushes, newest first."""

    def take(self, record: PatternsExtracted) -> None:
        """Let the files that `record` read say what they say now, and the push what it tells."""
        paths = list(self._by_path) if record.coverage == "tree" else [file.path for file in record.files]
        before = {path: self._by_path.pop(path) for path in paths if path in self._by_path}
        for file in record.files:
            if file.decisions and file.status != "removed":
                known = {_what(one): one for one in before.get(file.path, ())}
                self._by_path[file.path] = tuple(
                    _standing(decision, file.path, known, record) for decision in file.decisions
                )
        self._told.extendleft(_standing(decision, decision.path, {}, record) for decision in record.decisions)

    def project(self) -> tuple[StandingDecision, ...]:
        """All that are in force, newest first; at most 200."""
        recorded = (one for of_file in self._by_path.values() for one in of_file)
        found = sorted([*self._told, *recorded], key=lambda one: (one.path or "", one.line or 0, one.title))
        found.sort(key=lambda one: one.at, reverse=True)
        return tuple(found[:SHOWN_DECISIONS])


def titles(decisions: Iterable[StandingDecision]) -> tuple[str, ...]:
    """The titles of the first 50 as v2 lists decisions, each once."""
    return tuple(dict.fromkeys(one.title for one in decisions))[:SHOWN_TITLES]


_What = tuple[str, str, str | None]


def _what(decision: Decision | StandingDecision) -> _What:
    return decision.kind, decision.title, decision.status


def _standing(
    decision: Decision, path: str | None, known: dict[_What, StandingDecision], record: PatternsExtracted
) -> StandingDecision:
    same = known.get(_what(decision))
    first = Seen(commit=record.after, at=same.at if same else record.at)
    return StandingDecision(
        kind=decision.kind,
        title=decision.title,
        status=decision.status,
        confidence=decision.confidence,
        source=decision.source,
        path=path,
        line=decision.line,
        commit=decision.commit or first.commit,
        at=first.at,
    )
