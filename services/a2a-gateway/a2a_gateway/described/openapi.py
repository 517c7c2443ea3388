"""The OpenAPI document: one operation for each skill, and what else agents may ask of this service."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from pydantic import BaseModel

from a2a_gateway.described.card import DESCRIPTION, VERSION, Entry, Home
from a2a_gateway.described.json_schema import component_schemas
from a2a_gateway.described.operation import ALWAYS, Operation, operation_of
from a2a_gateway.described.service_operations import SERVICE
from a2a_gateway.described.shapes import Refusal
from a2a_gateway.registry import Skills

References = Mapping[type[BaseModel], Mapping[str, object]]

_HOW = (
    "Each skill is one operation: `POST /skills/<id>` with its input as the body. Fields that are not known"
    " are ignored, and null means the default. `POST /a2a/execute` takes the same calls in the envelopes that"
    " agents of old use."
)
_TAGS = {
    "reading": "Skills that answer at once from what is known here.",
    "asking": "Skills that ask others too. Where that takes long, the answer is 202 and a task to ask for.",
    "writing": "Skills that record something. Only for callers who may write.",
    "knowledge": "Routes that agents of old know.",
    "service": "The service itself.",
}
_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A Google ID token for this service, or a token of its local issuer.",
    },
    "apiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "A key that belongs to one caller.",
    },
}
_REFUSALS = {
    HTTPStatus.BAD_REQUEST: "The input cannot be used; the error names the field.",
    HTTPStatus.UNAUTHORIZED: "This is for callers who say who they are.",
    HTTPStatus.FORBIDDEN: "This caller may not do this.",
    HTTPStatus.NOT_FOUND: "There is nothing of that name, or not for this caller.",
    HTTPStatus.CONFLICT: "The idempotency key was used for other input.",
    HTTPStatus.REQUEST_TIMEOUT: "The body did not come within a minute.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.FAILED_DEPENDENCY: "What it is asked about cannot be had here; the error names the remedy.",
    HTTPStatus.BAD_GATEWAY: "Another agent gave no answer that is of use; the error names it and the remedy.",
    HTTPStatus.TOO_MANY_REQUESTS: "This caller asks too often.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not at the moment; the same call may succeed in a few seconds.",
}
_TEXT = {"schema": {"type": "string"}}
_HEADERS: Mapping[HTTPStatus, Entry] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": _TEXT},
    HTTPStatus.TOO_MANY_REQUESTS: {"Retry-After": _TEXT},
}


def openapi_document(skills: Skills, home: Home, others: Sequence[Operation] = ()) -> Entry:
    """OpenAPI 3.1 of every skill, of the service's own routes, and of `others`."""
    operations = [*map(operation_of, skills.values()), *others, *SERVICE]
    taken = [one.takes for one in operations if one.takes]
    told = [model for one in operations for model in one.tells.values()]
    references, schemas = component_schemas(taken, [*told, Refusal])
    paths: dict[str, dict[str, Entry]] = defaultdict(dict)
    for one in operations:
        paths[one.path][one.method] = _operation(one, references, home)
    used = {one.tag for one in operations}
    return {
        "openapi": "3.1.0",
        "info": {"title": "dev-nexus", "version": VERSION, "description": f"{DESCRIPTION}\n\n{_HOW}"},
        "servers": [{"url": home.public_url or "/"}],
        "tags": [{"name": name, "description": about} for name, about in _TAGS.items() if name in used],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {status.name: _refusal(status, references) for status in _REFUSALS},
            "securitySchemes": _SCHEMES,
        },
    }


def _operation(one: Operation, references: References, home: Home) -> Entry:
    told = {str(int(status)): _told(references[model], status) for status, model in one.tells.items()}
    refused = {
        str(int(status)): {"$ref": f"#/components/responses/{status.name}"}
        for status in sorted((*one.refuses, *ALWAYS))
        if not one.is_for_all and status not in one.tells
    }
    return {
        "operationId": one.id,
        "summary": one.summary,
        "description": one.description,
        "tags": [one.tag],
        "security": _security(one, home),
        "parameters": _parameters(one),
        **(_body(one, references[one.takes]) if one.takes else {}),
        "responses": {**told, **refused},
    }


def _security(one: Operation, home: Home) -> list[Entry]:
    """The ways in; an empty one is that of somebody who does not say who they are."""
    anybody = one.is_for_all or (home.is_open and not one.is_for_writers)
    named: list[Entry] = [] if one.is_for_all else [{name: []} for name in _SCHEMES]
    return [*([{}] if anybody else []), *named]


def _parameters(one: Operation) -> list[Entry]:
    names = re.findall(r"{(\w+)}", one.path)
    in_path: list[Entry] = [{"name": name, "in": "path", "required": True, **_TEXT} for name in names]
    return [*in_path, _KEY] if HTTPStatus.CONFLICT in one.refuses else in_path


_KEY: Entry = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sent again with the same key, the same call is recorded once.",
    **_TEXT,
}


def _body(one: Operation, reference: Mapping[str, object]) -> Entry:
    content: Entry = {"schema": reference}
    if one.example is not None:
        content["example"] = one.example
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def _told(reference: Mapping[str, object], status: HTTPStatus) -> Entry:
    description = {HTTPStatus.OK: "The answer.", HTTPStatus.ACCEPTED: "It goes on as a task."}
    content = {"application/json": {"schema": reference}}
    return {"description": description.get(status, status.phrase), "content": content}


def _refusal(status: HTTPStatus, references: References) -> Entry:
    content = {"application/json": {"schema": references[Refusal]}}
    headers = {"headers": _HEADERS[status]} if status in _HEADERS else {}
    return {"description": _REFUSALS[status], **headers, "content": content}
