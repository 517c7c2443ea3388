"""The dependency-orchestrator: it is told of changes, and knows who depends on whom."""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from devnexus.agents.peer import CALL_SECONDS, SKILL_SECONDS, Agent
from devnexus.agents.told import Repository, Text, Told
from devnexus.values import Value

NAME = "orchestrator"
URL = "ORCHESTRATOR_URL"
API_KEY = "ORCHESTRATOR_API_KEY"


class ChangedFile(Value):
    """A file that a push touched."""

    path: str
    change_type: str = ""
    diff: str = ""


class PatternSummary(Value):
    """What the change is about."""

    patterns: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


class ChangeNotification(Value):
    """A push, as the orchestrator is told of it: these fields, of which it requires each."""

    source_repo: str
    commit_sha: str
    commit_message: str
    branch: str
    changed_files: tuple[ChangedFile, ...]
    pattern_summary: PatternSummary
    timestamp: str


class _Dependents(Told):
    consumers: tuple[object, ...] = ()
    derivatives: tuple[object, ...] = ()


class Noted(Told):
    """What the orchestrator makes of a change."""

    status: str
    """`accepted`, or `no_relationships`."""
    dependents: _Dependents = _Dependents()
    consumers_scheduled: tuple[object, ...] = ()
    """The older app's, as the next."""
    derivatives_scheduled: tuple[object, ...] = ()

    @property
    def consumers(self) -> int:
        """How many repositories that use what changed it looks at."""
        return len(self.dependents.consumers) + len(self.consumers_scheduled)

    @property
    def derivatives(self) -> int:
        """How many repositories that were made from this one it looks at."""
        return len(self.dependents.derivatives) + len(self.derivatives_scheduled)


class Dependencies(Told):
    """Who depends on a repository, and whom it depends on."""

    consumers: tuple[Repository, ...]
    derivatives: tuple[Repository, ...]
    upstream_dependencies: tuple[Repository, ...] = ()


def _as_text(changes: object) -> object:
    return "\n".join(map(str, changes)) if isinstance(changes, list) else changes


class Impact(Told):
    """What a change in one repository means for another that depends on it."""

    requires_action: bool
    urgency: str = ""
    impact_summary: Text = ""
    affected_files: tuple[str, ...] = ()
    recommended_changes: Annotated[Text, BeforeValidator(_as_text)] = ""
    confidence: float | None = None
    reasoning: Text = ""


class Orchestrator(Agent):
    """Its webhook, and the two of its skills that only look."""

    def notify(self, change: ChangeNotification) -> Noted:
        """Tell of a change, once. Raises AgentFailed where it may not have been taken."""
        path = "/api/webhook/change-notification"
        return self._peer.read(Noted, self._peer.post(path, change.model_dump(mode="json")))

    def dependencies(self, repository: str, *, seconds: float = CALL_SECONDS) -> Dependencies:
        """Who depends on `<owner>/<name>`. Raises AgentFailed: that nobody does is another answer."""
        asked = {"repo": repository, "include_metadata": False}
        return self._peer.read(Dependencies, self._execute("get_dependencies", asked, seconds))

    def impact(
        self, change: ChangeNotification, target: str, relationship: Literal["consumer", "template"]
    ) -> Impact:
        """What `change` means for the repository `target`. Raises AgentFailed. It asks a model: it costs."""
        asked = {
            "source_repo": change.source_repo,
            "target_repo": target,
            "change_event": change.model_dump(mode="json"),
            "relationship_type": relationship,
        }
        return self._peer.read(Impact, self._execute("get_impact_analysis", asked, SKILL_SECONDS))

    def _execute(self, skill: str, given: object, seconds: float) -> object:
        call = {"skill_name": skill, "input_data": given}
        return self._peer.execute(call, seconds=seconds).get("data")
