"""docs/skills.md: every skill with what it takes and answers, for whoever writes an agent."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from a2a_gateway.described.json_schema import answer_schema, input_schema
from a2a_gateway.described.shapes import Stamp
from a2a_gateway.described.skill_list import Kind, kind_of
from a2a_gateway.paging import Pagination
from a2a_gateway.registry import load_skills
from a2a_gateway.skill import Skill

_HOW = """\
# Skills

What agents can ask. Each skill is `POST /skills/<id>` with its input as the JSON body:

```
curl -s localhost:8080/skills/query_patterns -H 'Content-Type: application/json' \\
  -d '{"patterns": ["Retry with backoff"]}'
```

The same call from a terminal is `devnexus call query_patterns patterns="Retry with backoff"`. Agents
that speak A2A 1.0 or 0.3 call the same skills as [a2a.md](a2a.md) says. `GET /openapi.json` describes all of
it to generators of clients, `GET /.well-known/agent.json` to agents of old, which call `POST /a2a/execute`
with `{"skill_id": …, "input": {…}}`, or with `{"skill_name": …, "input_data": {…}}` for an answer within
`{success, data, error, task_id}`. Examples below tell of `acme/api`: put the name of a repository that
`get_repository_list` lists, such as `demo/orders` of `make run`, and of issues and writes an id that an
answer gave you.

**Words.** A `repository` is `<owner>/<name>`, in any case. A pattern is meant by its name, an alias or its
id, in any case and spelling: `pattern` in answers is its name, `pattern_id` (or `id` beside it) what stays.

**Who calls.** `Authorization: Bearer <Google ID token for this service's address>`, or `X-API-Key: <key>`.
Skills for readers are open to anybody where the service is; those for writers never are.

**Input.** Fields that a skill does not know are ignored; null means the default. A field of the wrong kind
is refused with its path: `{"success": false, "error": "patterns.0: Input should be a valid string"}`.

**Answers.** Besides its own fields every answer has `revision` (the commit of the knowledge base that it
holds at), `stale_seconds` (0, or for how long nobody could confirm that this is the newest), `timestamp`
and `execution_time_ms`. Fields may be added; none goes away.

**Refusals** have `success: false`, `error`, `timestamp` and `execution_time_ms`; those that rest on what is
known have its `revision`, and some have more, such as the names that are near. 400 for input that cannot be
used, 401 and 403 for a caller who may not, 404 for what is not known, 409 for an idempotency key that was
used for other input, 408 for a body that takes over a minute, 413 for one above 1 MB, 424 and 502 where
another agent or the files of a repository cannot be had, 429 for too many calls and 503 where the same
call may succeed in a few seconds (both with `Retry-After` where the wait is known).

**Lists** come in parts: `limit` and `offset` choose one, `pagination` has both, `has_more`, `next_offset`
(null at the end) and `total_pages`. No part is larger than about 200 kB, and no answer than 300 kB: a part
may hold fewer than `limit`, and what else is cut is counted beside it. **`as_of`** asks what was known at a
revision or time.

**Writes** are answered once they are accepted: `committed` says whether the knowledge base holds them
already, `event_id` is what `get_write_status` asks for. What is committed is found by your next call, at the
latest two seconds later where another instance answers. Sent again with the same `idempotency_key` (or
header `Idempotency-Key`), a call is recorded once.

**Tasks.** Skills that ask others may take long. Then the answer is 202 with `workflow_id`: ask `GET
/a2a/workflow/<workflow_id>` every `polling_interval_ms`, or `POST /a2a/cancel` with `{"task_id": …}`.
"""
_KINDS: Mapping[Kind, str] = {
    "reading": "",
    "asking": " Asks others too: the answer may be a task.",
    "writing": " Records something.",
}
_LAST = ("limit", "offset", "as_of", "idempotency_key")
"""Fields that many skills have, and nobody reads about twice."""

Schema = dict[str, Any]


def skills_page(note: str) -> str:
    """The whole page."""
    skills = load_skills()
    listed = [f"- [{skill.id}](#{skill.id}): {skill.description}" for skill in skills.values()]
    lines = [note, _HOW, *listed, ""]
    for skill in skills.values():
        lines += _skill(skill)
    return "\n".join(lines).rstrip() + "\n"


def _skill(skill: Skill[Any]) -> Iterator[str]:
    who = "Only callers who may write." if skill.is_for_writers else "Readers."
    yield from (f"## {skill.id}", "", skill.description, "")
    yield from (f"Who may call: {who}{_KINDS[kind_of(skill)]}", "")
    yield from _input(skill)
    answer: Schema = answer_schema(skill.output)
    parts = answer.get("$defs", {})
    own = {name: field for name, field in answer["properties"].items() if name not in _AROUND}
    yield from _answer(own)
    described = [_part(name, part) for name, part in parts.items() if name != _PAGINATION]
    yield from [*described, ""] if described else ()
    call = json.dumps(skill.example_given(), ensure_ascii=False)
    yield from ("```", f"POST /skills/{skill.id}", call, "", *_skeleton_lines(own, parts), "```", "")


_PAGINATION = Pagination.__name__
"""What every list has is told once."""

_AROUND = {*Stamp.model_fields, "success"}


def _input(skill: Skill[Any]) -> Iterator[str]:
    schema: Schema = input_schema(skill.input)
    fields = schema["properties"]
    if not fields:
        yield from ("It takes nothing.", "")
        return
    required = schema["required"]
    in_order = sorted(fields, key=lambda name: (name not in required, name in _LAST))
    yield from ("| input | type | default | |", "|---|---|---|---|")
    for name in in_order:
        default = "**required**" if name in required else f"`{_json(fields[name].get('default'))}`"
        yield f"| `{name}` | {_type(fields[name])} | {default} | {_about(fields[name])} |"
    yield ""


def _answer(fields: Mapping[str, Schema]) -> Iterator[str]:
    if not fields:
        return
    yield from ("| answer | type | |", "|---|---|---|")
    for name, field in fields.items():
        yield f"| `{name}` | {_type(field)} | {_about(field)} |"
    yield ""


def _part(name: str, part: Schema) -> str:
    """One line on a part of an answer."""
    about = (part.get("description") or "").split("\n\n")[0].replace("\n", " ")
    if "properties" not in part:
        return f"- **{name}** ({_type(part)}): {about}"
    fields = [f"`{field}` {_type(shape)}{_aside(shape)}" for field, shape in part["properties"].items()]
    return f"- **{name}**: {about} {'; '.join(fields)}"


def _aside(field: Schema) -> str:
    about = _about(field).rstrip(".")
    return f" ({about})" if about else ""


def _about(field: Schema) -> str:
    return " ".join(str(field.get("description", "")).split()).replace("|", "\\|")


def _type(field: Schema) -> str:
    if "$ref" in field:
        return f"`{_name(field)}`"
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(_type(one) for one in field["anyOf"]))
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{_json(field['const'])}`"
    if field.get("type") == "array":
        return f"list of {_type(field.get('items', {}))}"
    if isinstance(field.get("additionalProperties"), dict):
        return f"map to {_type(field['additionalProperties'])}"
    if "properties" in field:
        return f"object of {', '.join(f'`{name}`' for name in field['properties'])}"
    bounds = [f"{sign} {field[bound]}" for bound, sign in _BOUNDS.items() if bound in field]
    return ", ".join([str(field.get("format") or field.get("type", "anything")), *bounds])


_BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}


def _skeleton_lines(fields: Mapping[str, Schema], parts: Mapping[str, Schema]) -> list[str]:
    """An answer with every field in it once, and nothing said."""
    whole = {"success": True, **{name: _skeleton(field, parts) for name, field in fields.items()}}
    lines = [f"  {_json(name)}: {_laid_out(value)}," for name, value in whole.items()]
    around = '"revision": "…", "stale_seconds": 0, "timestamp": "…", "execution_time_ms": 1'
    return ["{", *lines, f"  {around}", "}"]


def _laid_out(value: object, new_line: str = "\n  ") -> str:
    """`value` as JSON, with what fits on one line on one."""
    line = _json(value)
    deeper = f"{new_line}  "
    if len(line) <= _LINE:
        return line
    if isinstance(value, dict):
        items = [f"{_json(name)}: {_laid_out(inner, deeper)}" for name, inner in value.items()]
        return f"{{{deeper}{f',{deeper}'.join(items)}{new_line}}}"
    assert isinstance(value, list)
    return f"[{deeper}{f',{deeper}'.join(_laid_out(inner, deeper) for inner in value)}{new_line}]"


_LINE = 90


def _skeleton(field: Schema, parts: Mapping[str, Schema]) -> object:
    if "$ref" in field:
        return _skeleton(parts[_name(field)], parts)
    if "anyOf" in field:
        return _skeleton(field["anyOf"][0], parts)
    if "enum" in field or "const" in field:
        return field.get("const", field.get("enum", [None])[0])
    if "properties" in field:
        return {name: _skeleton(inner, parts) for name, inner in field["properties"].items()}
    match field.get("type"):
        case "array":
            return [_skeleton(field.get("items", {}), parts)]
        case "object":
            inner = field.get("additionalProperties")
            return {"…": _skeleton(inner, parts)} if isinstance(inner, dict) else {}
        case str(plain):
            return {"string": "…", "integer": 0, "number": 0.0, "boolean": True}.get(plain)
    return "…"


def _name(field: Schema) -> str:
    return str(field["$ref"]).rpartition("/")[2]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
