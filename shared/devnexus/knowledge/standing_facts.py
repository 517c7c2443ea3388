"""How a repository is tested, secured and deployed now, as its files say, in v2's sections."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from devnexus.events.patterns_extracted import Fact, PatternsExtracted
from devnexus.knowledge.by_path import ByPath
from devnexus.knowledge.projection import SHOWN_PLACES
from devnexus.knowledge.union import union
from devnexus.schema_v2 import DeploymentInfo, DeploymentScript, SecurityInfo, TestingInfo

_Section = Mapping[str, Any]

_UNKNOWN = "unknown"


class StandingFacts:
    """Path by path, what one repository's files say; `take` each analysis once, in order."""

    def __init__(self) -> None:
        self._files = ByPath(lambda file: file.facts)

    def take(self, record: PatternsExtracted) -> None:
        """As promised by ByPath."""
        self._files.take(record)

    def testing(self, imported: _Section, *, trusted: bool) -> TestingInfo:
        """How it is tested; what an import named stands beside while it is `trusted`."""
        found = {
            "test_frameworks": self._names("test-framework"),
            "test_patterns": self._names("test-kind"),
        }
        return TestingInfo.model_validate({**imported, **_beside(found, imported, trusted)})

    def security(self, imported: _Section, *, trusted: bool) -> SecurityInfo:
        """How it is secured, likewise."""
        found = {
            "security_patterns": self._names("security-measure"),
            "authentication_methods": self._names("authentication"),
        }
        return SecurityInfo.model_validate({**imported, **_beside(found, imported, trusted)})

    def deployment(self, described: DeploymentInfo) -> DeploymentInfo:
        """How it is deployed: what was `described`, and beside it what the files say."""
        platforms = self._names("ci-platform")
        paths = {script.script_path for script in described.scripts}
        scripts = [script for script in self._scripts() if script.script_path not in paths]
        return described.model_copy(
            update={
                "ci_cd_platform": described.ci_cd_platform or next(iter(platforms), None),
                "infrastructure": {**self._infrastructure(), **described.infrastructure},
                "scripts": (*described.scripts, *scripts[:SHOWN_PLACES]),
            }
        )

    def _about(self, about: str) -> Iterator[tuple[str, Fact]]:
        for path, facts in sorted(self._files.now.items()):
            yield from ((path, fact) for fact in facts if fact.about == about)

    def _names(self, about: str) -> tuple[str, ...]:
        return tuple(sorted({fact.name for _, fact in self._about(about)}))[:SHOWN_PLACES]

    def _infrastructure(self) -> dict[str, str]:
        """What it runs on → the first file that says so."""
        found: dict[str, str] = {}
        for path, fact in self._about("infrastructure"):
            found.setdefault(fact.name, path)
        return dict(sorted(found.items())[:SHOWN_PLACES])

    def _scripts(self) -> Iterable[DeploymentScript]:
        platforms = {path: fact.name for path, fact in self._about("infrastructure")}
        first = {path: fact for path, fact in reversed(list(self._about("deployment-script")))}
        for path, fact in sorted(first.items()):
            yield DeploymentScript(
                name=fact.name,
                description="",
                script_path=path,
                platform=platforms.get(path, _UNKNOWN),
            )


def _beside(found: Mapping[str, tuple[str, ...]], imported: _Section, trusted: bool) -> dict[str, Any]:
    if trusted:
        return {name: union(own, imported.get(name) or ()) for name, own in found.items()}
    return dict(found)
