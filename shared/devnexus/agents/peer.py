"""One agent on the other side: where it is, how it is asked, what to do when it does not answer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from devnexus.agents.failure import AgentFailed
from devnexus.agents.told import T, told
from devnexus.outbound import MOST, Answer, NoAnswer, Outbound, WebAddress
from devnexus.printable import printable
from devnexus.values import canonical_json, load_json

HEALTH_SECONDS = 5.0
CALL_SECONDS = 10.0
SKILL_SECONDS = 30.0
LONGEST_ANSWER = 1024 * 1024
"""Bytes of what a skill answers."""

_LONGEST_EXCERPT = 200
_LONGEST_STATUS = 40
_MOST_NOTED = 5
_TELLING = 8
"""So many characters of a secret are not repeated."""

Headers = Callable[[], Mapping[str, str]]
"""Gives the headers that say who asks; called for each request. Raises NoAnswer where they cannot be had."""

Body = Mapping[str, object]


@dataclass(frozen=True)
class Health:
    """How an agent says it is."""

    healthy: bool
    status: str
    """In its own word."""
    detail: str = ""


class Peer:
    """Asks one agent, and makes of whatever is no answer an AgentFailed with a remedy."""

    def __init__(
        self,
        *,
        name: str,
        variable: str,
        base: WebAddress,
        outbound: Outbound,
        unknown_here: str,
        headers: Headers = lambda: {},
    ) -> None:
        """`unknown_here`: what to do where it does not know us."""
        self.name = name
        self._variable = variable
        self._base = base
        self._outbound = outbound
        self._unknown_here = unknown_here
        self._headers = headers

    def health(self) -> Health:
        """How it says it is; asked without saying who we are, since nobody need be known for it."""
        body = self._object(self._answer("GET", "/health", None, {}, HEALTH_SECONDS, MOST), {})
        status = body.get("status")
        if not isinstance(status, str):
            raise self._failed("its /health says no status", f"Is {self._variable} its address?")
        lacking = [name for name, value in body.items() if value is False][:_MOST_NOTED]
        return Health(
            healthy=status == "healthy",
            status=printable(status[:_LONGEST_STATUS]),
            detail=printable(", ".join(f"{name[:_LONGEST_STATUS]}: false" for name in lacking)),
        )

    def post(self, path: str, content: object, *, seconds: float = CALL_SECONDS) -> Body:
        """The JSON object that a POST of `content` is answered with; raise AgentFailed if it is not a 2xx."""
        return self._post(path, content, self._said_who(), seconds, MOST)

    def execute(self, call: Mapping[str, object], *, seconds: float = SKILL_SECONDS) -> Body:
        """What the skill that `call` names answers; raise AgentFailed if it says that it did not succeed."""
        headers = self._said_who()
        answer = self._post("/a2a/execute", call, headers, seconds, LONGEST_ANSWER)
        if answer.get("success") is not True:
            skill = call.get("skill_id") or call.get("skill_name")
            happened = f"{skill} did not succeed{excerpt(answer, hiding=headers.values())}"
            raise self._failed(happened, "Its log says more")
        return answer

    def read(self, kind: type[T], content: object) -> T:
        """`content`, which it told, as `kind`; raise AgentFailed where it is not of that shape."""
        try:
            return told(kind, content)
        except ValueError as error:
            shown = printable(
                str(error)[:_LONGEST_EXCERPT]
            )  # the path to a field may be the agent's own words
            happened = f"its answer is not of the shape we know: {shown}"
            raise self._failed(happened, "Is it of another version?") from error

    def _said_who(self) -> Mapping[str, str]:
        try:
            return self._headers()
        except NoAnswer as error:
            raise self._failed(f"nothing says who we are: {error}", self._unknown_here) from error

    def _post(
        self, path: str, content: object, headers: Mapping[str, str], seconds: float, most: int
    ) -> Body:
        answer = self._answer("POST", path, canonical_json(content), headers, seconds, most)
        return self._object(answer, headers)

    def _answer(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        seconds: float,
        most: int,
    ) -> Answer:
        content_type = {"Content-Type": "application/json"} if body is not None else {}
        always = {"Accept": "application/json", "User-Agent": "dev-nexus", **content_type}
        try:
            return self._outbound.request(
                method,
                self._base.under(path),
                headers={**always, **headers},
                body=body,
                most=most,
                seconds=seconds,
            )
        except NoAnswer as error:
            raise self._failed(str(error), f"Does it run, and is {self._variable} its address?") from error

    def _object(self, answer: Answer, headers: Mapping[str, str]) -> Body:
        content = _parsed(answer.body)
        if not 200 <= answer.status < 300:
            raise AgentFailed(
                self.name,
                f"it answered {answer.status}{excerpt(content, hiding=headers.values())}",
                remedy=self._remedy(answer.status),
                status=answer.status,
                retry_after=answer.retry_after,
            )
        if not isinstance(content, dict):
            raise self._failed("its answer is no JSON object", f"Is {self._variable} its address?")
        return content

    def _remedy(self, status: int) -> str:
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return self._unknown_here
        if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}:
            return "It expects other fields: is it of another version?"
        if status == HTTPStatus.NOT_FOUND or 300 <= status < 400:
            return f"Is {self._variable} its address, and does it know what it was asked for?"
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return "Too much was asked of it: later again"
        return "Its log says more"

    def _failed(self, happened: str, remedy: str) -> AgentFailed:
        return AgentFailed(self.name, happened, remedy=remedy)


class Agent:
    """What every agent can be asked; each adds its skills."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    @property
    def name(self) -> str:
        """What it is called here."""
        return self._peer.name

    def health(self) -> Health:
        """How it says it is; raise AgentFailed if it says nothing to be understood."""
        return self._peer.health()


def excerpt(content: object, *, hiding: Iterable[str] = ()) -> str:
    """` ("what it says went wrong")`, short and printable; nothing where it says nothing of the kind.

    Nor where it repeats one of `hiding`, with which we said who we are.
    """
    if not isinstance(content, Mapping):
        return ""
    said = content.get("error") or content.get("detail")
    if isinstance(said, list):  # FastAPI's, of a body that it does not take
        said = "; ".join(map(_problem, said[:_MOST_NOTED]))
    if not isinstance(said, str) or not said:
        return ""
    if any(secret.removeprefix("Bearer ")[:_TELLING] in said for secret in hiding):
        return ""
    return f' ("{printable(said[:_LONGEST_EXCERPT])[:_LONGEST_EXCERPT]}")'


def _problem(problem: object) -> str:
    """Which field, and what is wrong with it; not the input, which is ours."""
    if not isinstance(problem, dict):
        return ""
    place, text = problem.get("loc"), problem.get("msg")
    where = ".".join(map(str, place[:_MOST_NOTED])) if isinstance(place, list) else ""
    return f"{where}: {text}" if isinstance(text, str) else where


def _parsed(body: bytes) -> object:
    try:
        return load_json(body)
    except ValueError:
        return None
