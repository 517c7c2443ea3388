"""The two envelopes in which callers put a call, and how each wants its answer."""

import json
from dataclasses import dataclass
from http import HTTPStatus

from a2a_gateway.answer import CannotAnswer
from devnexus.values import load_json

Body = dict[str, object]


@dataclass(frozen=True)
class Call:
    """One call of a skill."""

    skill_id: str
    input: object
    idempotency_key: str = ""
    """From the header of that name; one in the input wins."""
    is_wrapped: bool = False
    """Whether the answer goes into `{success, data, error, task_id}`, as for a call by `skill_name`."""

    def envelope(self, answer: Body) -> Body:
        """The body of the answer in the shape that this caller expects."""
        if not self.is_wrapped:
            return answer
        if answer.get("success") is True:
            task = answer.get("workflow_id")
            return {"success": True, "data": answer, "error": None, "task_id": task}
        # what says how to go on stays where every caller finds it
        return {**answer, "data": None, "task_id": None}


def encoded(body: object) -> bytes:
    """A body as JSON, with text as it is."""
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        # half of a surrogate pair, as a file name in git may hold, is no UTF-8: it goes out escaped
        return json.dumps(body, separators=(",", ":")).encode()


def read_call(content: bytes, *, idempotency_key: str = "") -> Call:
    """The call in a request's body: `{skill_id, input}` or `{skill_name, input_data}`."""
    body = read_object(content)
    is_wrapped = "skill_id" not in body and "skill_name" in body
    skill_id = body.get("skill_name" if is_wrapped else "skill_id")
    if skill_id is None or skill_id == "":
        raise CannotAnswer("Missing required field: skill_id")
    if not isinstance(skill_id, str):
        raise CannotAnswer("skill_id: Input should be a valid string")
    first, second = ("input_data", "input") if is_wrapped else ("input", "input_data")
    given = body.get(first, body.get(second))
    return Call(skill_id, given, idempotency_key=idempotency_key, is_wrapped=is_wrapped)


def read_object(content: bytes) -> Body:
    """The JSON object in a request's body."""
    try:
        body = load_json(content)
    except ValueError as error:
        raise CannotAnswer("The body is not JSON", status=HTTPStatus.BAD_REQUEST) from error
    if not isinstance(body, dict):
        raise CannotAnswer("The body is not a JSON object")
    return body
