"""The log-attacker: it reads what running services log, and opens issues on GitHub for what it finds."""

from typing import Annotated

from pydantic import BeforeValidator

from devnexus.agents.peer import SKILL_SECONDS, Agent
from devnexus.agents.told import Text, Told

NAME = "log-attacker"
URL = "LOG_ATTACKER_URL"
TOKEN = "LOG_ATTACKER_TOKEN"  # nosec B105  # the name of a variable


def _as_count(issues: object) -> object:
    return len(issues) if isinstance(issues, list) else issues


Count = Annotated[int, BeforeValidator(_as_count)]


class LogAnalysis(Told):
    """What the log-attacker found in the logs of one service."""

    service_name: str = ""
    service_type: str = ""
    analysis: Text = ""
    issues_identified: Count = 0
    issues_created: Count = 0
    github_issue_urls: tuple[str, ...] = ()


class LogAttacker(Agent):
    """Its one skill. Only callers in its own list may use that; anybody may ask how it is."""

    def analyze_and_monitor_logs(
        self,
        question: str,
        *,
        service: str,
        service_type: str = "cloud_run",
        repository_url: str | None = None,
        seconds: float = SKILL_SECONDS,
    ) -> LogAnalysis:
        """What the logs of `service` say to `question`. Raises AgentFailed.

        It asks a model several times over, so it costs and may take minutes, and with `repository_url` it
        opens issues there. It goes on where we have given up waiting.
        """
        given = {"user_query": question, "service_name": service, "service_type": service_type}
        if repository_url:
            given["repo_url"] = repository_url
        call = {"skill_id": "analyze_and_monitor_logs", "input": given}
        answer = self._peer.execute(call, seconds=seconds)
        return self._peer.read(LogAnalysis, answer.get("result"))
