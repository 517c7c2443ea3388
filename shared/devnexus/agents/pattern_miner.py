"""The pattern-miner: it reads repositories at length, and compares how they do the same thing.

As it is today, it answers sample data whatever it is asked.
"""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from devnexus.agents.peer import Agent
from devnexus.agents.told import Told

NAME = "pattern-miner"
URL = "PATTERN_MINER_URL"


class AnalysisMetadata(Told):
    """What an analysis looked at."""

    files_analyzed: int = 0
    patterns_found: int = 0
    timestamp: str | None = None


class RepositoryAnalysis(Told):
    """The patterns of one repository, in the miner's own words."""

    repository: str
    patterns: tuple[JsonValue, ...]
    extraction_opportunities: tuple[JsonValue, ...] = ()
    analysis_metadata: AnalysisMetadata = AnalysisMetadata()
    github_issue: str | None = None


class Comparison(Told):
    """How several repositories implement the same pattern."""

    pattern_type: str
    repositories: tuple[str, ...]
    implementations: tuple[JsonValue, ...] = ()
    comparison: dict[str, JsonValue] = {}
    recommendations: tuple[JsonValue, ...] = ()


class Recommendations(Told):
    """What a repository might adopt."""

    repository: str
    recommendations: tuple[JsonValue, ...]
    context: dict[str, JsonValue] = {}


class PatternMiner(Agent):
    """Its three skills that work; each raises AgentFailed where it does not answer."""

    def analyze_repository(
        self, repository: str, *, file_paths: Sequence[str] = (), focus_areas: Sequence[str] = ()
    ) -> RepositoryAnalysis:
        """The patterns of `<owner>/<name>`, of these files and in these areas where any are named."""
        given = {
            "repository": repository,
            "file_paths": list(file_paths),
            "focus_areas": list(focus_areas),
        }
        return self._peer.read(RepositoryAnalysis, self._execute("analyze_repository", given))

    def compare_implementations(self, repositories: Sequence[str], pattern_type: str) -> Comparison:
        """How two or more repositories implement the same kind of pattern."""
        given = {"repositories": list(repositories), "pattern_type": pattern_type}
        return self._peer.read(Comparison, self._execute("compare_implementations", given))

    def get_recommendations(self, repository: str, context: Mapping[str, JsonValue]) -> Recommendations:
        """What `<owner>/<name>` might adopt, given what is known of it."""
        given = {"repository": repository, "context": dict(context)}
        return self._peer.read(Recommendations, self._execute("get_recommendations", given))

    def _execute(self, skill: str, given: object) -> object:
        return self._peer.execute({"skill_id": skill, "input": given})
