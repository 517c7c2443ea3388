"""What came of a run of the kit, and whether what failed is the kit's own fault. Values only."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from pydantic import BaseModel, ConfigDict, TypeAdapter

PASSED, FAILED, XFAILED, SKIPPED = "passed", "failed", "xfailed", "skipped"
_OUTCOMES = (PASSED, FAILED, XFAILED, SKIPPED)
_SHOWN = 240


@dataclass(frozen=True)
class Case:
    """One test of the kit."""

    name: str
    outcome: str
    why: str = ""


class Waiver(BaseModel):
    """One fault of the kit's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tests: tuple[str, ...]
    """Names of tests; a * stands for anything."""
    profiles: tuple[str, ...]
    """Where the agent's capabilities let them run."""
    cause: str
    upstream: str
    """Where the kit's authors know of it, or what the kit is behind of."""
    corrected_by: str
    """The plugin with which the test passes."""

    def covers(self, case: Case) -> bool:
        """Whether this is why the case failed."""
        return any(_pattern(test).fullmatch(case.name) for test in self.tests)


@dataclass(frozen=True)
class Run:
    """All cases of one run."""

    profile: str
    is_corrected: bool
    cases: Sequence[Case]

    @property
    def title(self) -> str:
        """What was run."""
        return f"{self.profile}, {'corrected' if self.is_corrected else 'as shipped'}"

    def unexplained(self, waivers: Sequence[Waiver]) -> list[Case]:
        """What failed and is nobody's fault but ours."""
        return [case for case, waiver in self.explained(waivers) if waiver is None]

    def explained(self, waivers: Sequence[Waiver]) -> list[tuple[Case, Waiver | None]]:
        """What failed, each with the fault of the kit's that it is; corrected, the kit has none."""
        theirs = [one for one in waivers if self.profile in one.profiles and not self.is_corrected]
        failed = [case for case in self.cases if case.outcome in (FAILED, XFAILED)]
        return [(case, next((one for one in theirs if one.covers(case)), None)) for case in failed]


def read_waivers(listed: object) -> list[Waiver]:
    """The waivers in a list of them."""
    return TypeAdapter(list[Waiver]).validate_python(listed)


def read_cases(report: bytes) -> list[Case]:
    """The cases in a JUnit report of pytest's."""
    return [_case(element) for element in ElementTree.fromstring(report).iter("testcase")]


def as_text(runs: Iterable[Run], waivers: Sequence[Waiver]) -> Iterator[str]:
    """The table, and of each run what failed and why, and why what was skipped."""
    runs = list(runs)
    yield f"{'capabilities':24}" + "".join(f"{outcome:>9}" for outcome in _OUTCOMES)
    for run in runs:
        counts = Counter(case.outcome for case in run.cases)
        yield f"{run.title:24}" + "".join(f"{counts[outcome]:>9}" for outcome in _OUTCOMES)
    for run in runs:
        yield f"\n{run.title}:"
        for case, waiver in run.explained(waivers):
            yield f"  {case.outcome} {case.name}\n    {case.why[:_SHOWN]}"
            yield f"    the kit's: {waiver.cause} ({waiver.upstream})" if waiver else "    OURS"
        for why, count in Counter(case.why for case in run.cases if case.outcome == SKIPPED).most_common():
            yield f"  skipped {count}: {why[:_SHOWN]}"


def _case(element: ElementTree.Element) -> Case:
    where = element.get("classname", "").removeprefix("tests.compatibility.")
    name = f"{where}.{element.get('name', '')}"
    for problem in element:
        if problem.tag in ("failure", "error"):
            return Case(name, FAILED, _line(problem))
        if problem.tag == "skipped":
            return Case(name, XFAILED if "xfail" in problem.get("type", "") else SKIPPED, _line(problem))
    return Case(name, PASSED)


def _line(problem: ElementTree.Element) -> str:
    return problem.get("message", "").partition("\n")[0]


def _pattern(test: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, test.split("*"))))
