"""From what Claude answered to what it said of each piece: bounded, cleaned, and never an exception."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from devnexus.redact import redact
from devnexus.values import Value, is_deeper_than, load_json
from extractor.claude.calls import Known
from extractor.claude.fence import visible
from extractor.claude.request import Answered
from extractor.claude.said import MOST_CLAIMS, Said, SaidComponent, SaidDecision, SaidPattern

CUT = "its answer was cut"
REFUSED = "it refused to answer"
NO_JSON = "its answer was no JSON of the kind that it was asked for"

_DEEPEST = 10
_LONGEST = 400_000
"""Characters: more than the answer may have tokens for."""

_NAME = re.compile(r"[\w][\w /+.#-]{0,59}")
_ADDRESS = re.compile(r"//|www\.|\.(?:com|net|org|io|dev|ai|app|sh|xyz|info|example)\b", re.IGNORECASE)
_NO_ADDRESS = re.compile(r"(?<![\w.])(?:(?:asp|ado|vb|ml)\.net|socket\.io)(?![\w./])", re.IGNORECASE)
"""Technologies that are called like hosts."""


def _object(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"type": "array", "items": item}


_TEXT = {"type": "string"}
_KINDS = ["switch", "dropped-support", "breaking-change", "choice"]

SCHEMA: Mapping[str, Any] = _object(
    {
        "files": _list(
            _object(
                {
                    "file": {"type": "integer"},
                    "patterns": _list(_object({"quote": _TEXT, "name": _TEXT})),
                    "decisions": _list(_object({"quote": _TEXT, "kind": {"enum": _KINDS}, "title": _TEXT})),
                    "components": _list(_object({"quote": _TEXT, "name": _TEXT})),
                }
            )
        )
    }
)
"""JSON Schema of the answer, in the subset that structured output takes: no lengths, nothing optional.

Answers are written in this order: the line is looked for before it is named.
"""


class _File(Value):
    file: int
    patterns: tuple[Any, ...] = ()
    decisions: tuple[Any, ...] = ()
    components: tuple[Any, ...] = ()


class _Answer(Value):
    files: tuple[_File, ...] = Field(max_length=10_000)


_ANSWER = TypeAdapter(_Answer)


def parse(answered: Answered, digests: Sequence[str]) -> Mapping[str, Known]:
    """Digest → what is known of each piece, which were numbered from 1 in the order of `digests`.

    A piece of which nothing is said has a Said without claims. Where the whole answer is of no use (refused,
    cut within its JSON, or not what the schema says), `because` tells why and nothing is known of any: it was
    paid for, and would come out the same once more. What is wrong with single claims costs only these.
    """
    if answered.stop == "refused":
        return dict.fromkeys(digests, Known(None, REFUSED))
    files = _files(answered.text)
    if files is None:
        return dict.fromkeys(digests, Known(None, CUT if answered.stop == "cut" else NO_JSON))
    of: dict[str, list[_File]] = {digest: [] for digest in digests}
    for file in files:
        if 1 <= file.file <= len(digests):
            of[digests[file.file - 1]].append(file)
    return {digest: Known(_said(some)) for digest, some in of.items()}


def _files(text: str) -> Sequence[_File] | None:
    """The entries of the answer, None where it is none."""
    if len(text) > _LONGEST:
        return None
    try:
        content = load_json(text)
        if is_deeper_than(_DEEPEST, content):
            return None
        return _ANSWER.validate_python(content, extra="ignore").files
    except ValueError:
        return None


def _said(files: Sequence[_File]) -> Said:
    return Said(
        patterns=tuple(_of(SaidPattern, [one for file in files for one in file.patterns])),
        decisions=tuple(_of(SaidDecision, [one for file in files for one in file.decisions])),
        components=tuple(_of(SaidComponent, [one for file in files for one in file.components])),
    )


C = TypeVar("C", SaidPattern, SaidDecision, SaidComponent)


def _of(kind: type[C], items: Sequence[Any]) -> Iterator[C]:
    """What can be used of the items, at most so many; the others are left out one by one."""
    for item in items[:MOST_CLAIMS]:
        try:
            claim = kind.model_validate(_clean(item), extra="ignore")
        except ValidationError:
            continue
        if isinstance(claim, SaidDecision) or _is_name(claim.name):
            yield claim


def _clean(item: Any) -> Any:  # noqa: ANN401 - JSON of somebody else
    """`item` with texts of a bounded length and without secrets; the model may repeat one, or make one up."""
    if not isinstance(item, dict):
        return item
    bounds = {"quote": 400, "title": 200}
    return {
        key: redact(value).text[: bounds.get(key, 101)] if isinstance(value, str) else value
        for key, value in item.items()
    }


def _is_name(name: str) -> bool:
    """Whether it may be shown: neither an address, nor markup, nor anything that cannot be seen."""
    if not _NAME.fullmatch(name) or visible(name) != name:
        return False
    return not _ADDRESS.search(_NO_ADDRESS.sub("", name))
