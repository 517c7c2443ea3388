"""The three agents, as small real HTTP servers that take and answer what the real ones do.

From the field notes on their contracts: strict where FastAPI is strict, with their statuses, their
envelopes and their ways to fail.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ValidationError

Json = dict[str, Any]
Reply = tuple[int, Any, Mapping[str, str]]
GARBAGE = b"<html>\x1b[2J not what you think"


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Json


@dataclass
class Answers:
    """What an agent knows and how it feels; tests change it."""

    status: str = "healthy"
    trouble: Callable[[BaseHTTPRequestHandler], object] | None = None
    """Instead of any answer."""
    asked: list[Asked] = field(default_factory=list)

    def of(self, path: str) -> list[Asked]:
        """The requests to one path, in order."""
        return [one for one in self.asked if one.path == path]


class AgentStandIn:
    """A server that remembers what it was asked; its subclasses know what to answer."""

    def __init__(self) -> None:
        self.answers = Answers()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, asked: Asked) -> Reply:
        """The status, body and headers for a request."""
        raise NotImplementedError


# The ways to fail that need no contract.


def slow(seconds: float) -> Callable[[BaseHTTPRequestHandler], object]:
    """Says nothing for so long, and then nothing either."""
    return lambda handler: time.sleep(seconds)


def dying(handler: BaseHTTPRequestHandler) -> None:
    """Breaks off in the middle of its answer."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")


def garbage(handler: BaseHTTPRequestHandler) -> None:
    """Is some other site."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(GARBAGE)))
    handler.end_headers()
    handler.wfile.write(GARBAGE)


def says(status: int, body: object, **headers: str) -> Callable[[BaseHTTPRequestHandler], object]:
    """Answers that, whatever it was asked."""
    return lambda handler: _send(handler, (status, body, headers))


# The dependency-orchestrator.


class _ChangeEvent(BaseModel):
    source_repo: str
    commit_sha: str
    commit_message: str
    branch: str
    changed_files: list[dict[str, Any]]
    pattern_summary: dict[str, Any]
    timestamp: str


class _OrchestratorCall(BaseModel):
    skill_name: str
    input_data: dict[str, Any]


class OrchestratorStandIn(AgentStandIn):
    """Knows who depends on whom; asks for a key where it has one."""

    def __init__(self, *, api_key: str | None = None, is_older: bool = False) -> None:
        super().__init__()
        self.api_key = api_key
        self.is_older = is_older
        self.consumers: dict[str, list[str]] = {}
        self.derivatives: dict[str, list[str]] = {}
        self.notified: list[Json] = []

    def answer(self, asked: Asked) -> Reply:
        """As promised by AgentStandIn."""
        match asked.method, asked.path:
            case "GET", "/health":
                return 200, {"status": self.answers.status}, {}
            case "POST", "/api/webhook/change-notification":
                return self._unauthorized(asked) or self._notified(asked.body)
            case "POST", "/a2a/execute":
                return self._unauthorized(asked) or self._execute(asked.body)
        return 404, {"detail": "Not Found"}, {}

    def _unauthorized(self, asked: Asked) -> Reply | None:
        key = asked.headers.get("X-API-Key")
        if self.api_key is None or key == self.api_key:
            return None
        detail = "Invalid API key" if key else "Missing or invalid API key"
        return 401, {"detail": detail}, {"WWW-Authenticate": "ApiKey"}

    def _notified(self, body: Json) -> Reply:
        if refusal := _refusal(_ChangeEvent, body):
            return refusal
        self.notified.append(body)
        repository = body["source_repo"]
        consumers, derivatives = self.consumers.get(repository), self.derivatives.get(repository, [])
        if consumers is None:
            message = "No dependent repositories configured"
            return 200, {"status": "no_relationships", "source_repo": repository, "message": message}, {}
        accepted: Json = {"status": "accepted", "source_repo": repository}
        if self.is_older:
            lists = {"consumers_scheduled": consumers, "derivatives_scheduled": derivatives}
            return 200, {**accepted, **lists}, {}
        dependents = {"consumers": consumers, "derivatives": derivatives}
        total = len(consumers) + len(derivatives)
        return 200, {**accepted, "dependents": dependents, "total_dependents": total}, {}

    def _execute(self, body: Json) -> Reply:
        if refusal := _refusal(_OrchestratorCall, body):
            return refusal
        skills = {"get_dependencies": self._dependencies, "get_impact_analysis": self._impact}
        skill = skills.get(body["skill_name"])
        if skill is None:
            return 404, {"detail": f"Skill not found: {body['skill_name']}"}, {}
        try:
            data, error = skill(body["input_data"]), None
        except KeyError as missing:
            data, error = None, str(missing)
        return 200, {"success": error is None, "data": data, "error": error, "task_id": None}, {}

    def _dependencies(self, given: Json) -> Json:
        repository = given["repo"]
        upstream = [
            {"repo": other, "relationship_type": "api_consumer", "metadata": None}
            for other, consumers in self.consumers.items()
            if repository in consumers
        ]
        return {
            "repo": repository,
            "consumers": [{"repo": name} for name in self.consumers.get(repository, [])],
            "derivatives": [{"repo": name} for name in self.derivatives.get(repository, [])],
            "upstream_dependencies": upstream,
        }

    def _impact(self, given: Json) -> Json:
        source, target, kind = given["source_repo"], given["target_repo"], given["relationship_type"]
        related = self.consumers if kind == "consumer" else self.derivatives
        is_related = target in related.get(source, [])
        return {
            "requires_action": is_related,
            "urgency": "high" if is_related else "none",
            "impact_summary": given["change_event"]["commit_message"] if is_related else "",
            "affected_files": [],
            "recommended_changes": "",
            "confidence": 0.8 if is_related else 0.0,
            "reasoning": f"{kind} relationship between {source} and {target}",
        }


# The log-attacker.


class _LogAttackerCall(BaseModel):
    skill_id: str
    input: dict[str, Any]


class LogAttackerStandIn(AgentStandIn):
    """Lets in the tokens that it knows."""

    SKILL: ClassVar[str] = "analyze_and_monitor_logs"

    def __init__(self, *tokens: str, is_degraded: bool = False) -> None:
        super().__init__()
        self.tokens = tokens
        self.answers.status = "degraded" if is_degraded else "healthy"

    def answer(self, asked: Asked) -> Reply:
        """As promised by AgentStandIn."""
        match asked.method, asked.path:
            case "GET", "/health":
                return 200, self._health(), {}
            case "POST", "/a2a/execute":
                return self._unauthorized(asked) or self._execute(asked.body)
        return 404, {"detail": "Not Found"}, {}

    def _health(self) -> Json:
        return {
            "status": self.answers.status,
            "service": "agentic-log-attacker",
            "version": "1.0.0",
            "gemini_configured": self.answers.status == "healthy",
            "gcp_project": "acme",
            "github_configured": True,
            "available_skills": [self.SKILL],
            "timestamp": "2026-11-28T12:00:00",
        }

    def _unauthorized(self, asked: Asked) -> Reply | None:
        scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            return 401, {"detail": "Missing authorization header"}, {}
        if token not in self.tokens:
            return 403, {"detail": f"Service account {token} not authorized for A2A access"}, {}
        return None

    def _execute(self, body: Json) -> Reply:
        if refusal := _refusal(_LogAttackerCall, body):
            return refusal
        if body["skill_id"] != self.SKILL:
            return 404, {"detail": f"Unknown skill: {body['skill_id']}"}, {}
        given = body["input"]
        if "user_query" not in given:
            return 200, {"success": False, "result": None, "error": "user_query is required"}, {}
        result = {
            "service_name": given.get("service_name"),
            "service_type": given.get("service_type", "cloud_run"),
            "analysis": "Two timeouts",
            "issues_identified": 2,
            "issues_created": 1 if "repo_url" in given else 0,
            "github_issue_urls": [f"{given['repo_url']}/issues/1"] if "repo_url" in given else [],
            "orchestrator_history": ["supervisor", "log_explorer"],
        }
        return 200, {"success": True, "result": result, "error": None, "execution_time_ms": 5432}, {}


# The pattern-miner.


class PatternMinerStandIn(AgentStandIn):
    """Answers samples, as the real one does."""

    def answer(self, asked: Asked) -> Reply:
        """As promised by AgentStandIn."""
        match asked.method, asked.path:
            case "GET", "/health":
                skills = ["analyze_repository", "compare_implementations", "get_recommendations"]
                health = {"status": self.answers.status, "service": "pattern-miner", "skills": skills}
                return 200, health, {}
            case "POST", "/a2a/execute":
                return self._execute(asked.body)
        return 404, {"detail": "Not Found"}, {}

    def _execute(self, body: Json) -> Reply:
        if not body.get("skill_id"):
            return 400, {"error": "Missing required field: skill_id"}, {}
        skills = {
            "analyze_repository": self._analyze,
            "compare_implementations": self._compare,
            "get_recommendations": self._recommend,
        }
        skill = skills.get(body["skill_id"])
        if skill is None:
            return 404, {"error": f"Skill not found: {body['skill_id']}"}, {}
        return 200, skill(body.get("input", {})), {}

    def _analyze(self, given: Json) -> Json:
        if not given.get("repository"):
            return {"success": False, "error": "Missing required field: repository"}
        found = {"files_analyzed": 12, "patterns_found": 1, "timestamp": None}
        return {
            "success": True,
            "repository": given["repository"],
            "patterns": [{"name": "retry_logic", "files": given["file_paths"]}],
            "extraction_opportunities": [],
            "analysis_metadata": found,
            "github_issue": None,
        }

    def _compare(self, given: Json) -> Json:
        if len(given.get("repositories", [])) < 2:
            return {"success": False, "error": "At least 2 repositories required for comparison"}
        return {
            "success": True,
            "pattern_type": given["pattern_type"],
            "repositories": given["repositories"],
            "implementations": [{"repository": name, "patterns": []} for name in given["repositories"]],
            "comparison": {"recommendations": ["use one client"]},
            "recommendations": ["use one client"],
        }

    def _recommend(self, given: Json) -> Json:
        recommended = [{"pattern": "retry_logic"}]
        context = given.get("context", {})
        return {
            "success": True,
            "repository": given["repository"],
            "recommendations": recommended,
            "context": context,
        }


def _refusal(model: type[BaseModel], body: Json) -> Reply | None:
    """As FastAPI refuses a body that is not of the model."""
    try:
        model.model_validate(body)
    except ValidationError as error:
        problems = [
            {"type": one["type"], "loc": ["body", *one["loc"]], "msg": one["msg"], "input": one["input"]}
            for one in error.errors()
        ]
        return 422, {"detail": problems}, {}
    return None


def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    status, body, headers = reply
    content = json.dumps(body).encode()
    handler.send_response(status)
    for name, value in {**headers, "Content-Type": "application/json"}.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def _handler(agent: AgentStandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def _serve(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.loads(content) if content else {}
            asked = Asked(self.command, self.path, dict(self.headers), body)
            agent.answers.asked.append(asked)
            if trouble := agent.answers.trouble:
                trouble(self)
            else:
                _send(self, agent.answer(asked))

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    return Handler
