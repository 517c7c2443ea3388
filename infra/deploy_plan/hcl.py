"""Terraform's files as plain values."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import hcl2
from lark.exceptions import LarkError

from deploy_plan.problem import Problem


@dataclass(frozen=True)
class Resource:
    """A block: its `for_each` or `count` as written, the keys of a literal map, or None: there is one."""

    address: str
    each: str | tuple[str, ...] | None

    @property
    def kind(self) -> str:
        """Its type, such as google_pubsub_topic."""
        return self.address.partition(".")[0]


def read_values(file: Path) -> dict[str, object]:
    """What a file of variables sets."""
    return {name: _plain(value) for name, value in _own(_tree(file)).items()}


def read_defaults(folder: Path) -> dict[str, object]:
    """The variables of the module that have a default, with it."""
    return {
        name: _plain(body["default"]) for name, body in _labelled(folder, "variable") if "default" in body
    }


def read_variables(folder: Path) -> set[str]:
    """The names of all variables."""
    return {name for name, _ in _labelled(folder, "variable")}


def read_locals(folder: Path) -> dict[str, str]:
    """Every local and its expression, on one line."""
    found: dict[str, str] = {}
    for tree in _trees(folder):
        for block in _list(tree.get("locals")):
            found |= {name: one_line(value) for name, value in _own(block).items()}
    return found


def read_resources(folder: Path) -> Iterator[Resource]:
    """Every resource of the module."""
    for tree in _trees(folder):
        for block in _list(tree.get("resource")):
            for kind, named in _own(block).items():
                for name, body in _own(named).items():
                    yield Resource(f"{_bare(kind)}.{_bare(name)}", _each(_own(body)))


def one_line(expression: object) -> str:
    """An expression without `${}` and line ends, so that layout is no difference."""
    text = str(expression)
    text = text[2:-1] if text.startswith("${") and text.endswith("}") else text
    return re.sub(r"\s+", " ", text).strip()


def _each(body: dict[str, object]) -> str | tuple[str, ...] | None:
    each = body.get("for_each", body.get("count"))
    if isinstance(each, dict):
        return tuple(_bare(key) for key in _own(each))
    return None if each is None else one_line(each)


def _labelled(folder: Path, kind: str) -> Iterator[tuple[str, dict[str, object]]]:
    for tree in _trees(folder):
        for block in _list(tree.get(kind)):
            yield from ((_bare(name), _own(body)) for name, body in _own(block).items())


@cache
def _trees(folder: Path) -> tuple[dict[str, object], ...]:
    """Every file of the module, parsed once: that takes a second."""
    return tuple(_own(_tree(file)) for file in sorted(folder.glob("*.tf")))


def _tree(file: Path) -> object:
    try:
        return hcl2.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Problem(f"{file} cannot be read: {error.strerror}") from error
    except (LarkError, ValueError) as error:
        raise Problem(f"{file} is not HCL: {error}") from error


def _plain(value: object) -> object:
    if isinstance(value, str):
        return _bare(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {_bare(key): _plain(one) for key, one in _own(value).items()}
    return value


def _own(tree: object) -> dict[str, object]:
    """Without what the parser tells of comments and lines."""
    if not isinstance(tree, dict):
        return {}
    return {str(key): value for key, value in tree.items() if not re.fullmatch(r"__\w+__", str(key))}


def _list(blocks: object) -> list[object]:
    return blocks if isinstance(blocks, list) else []


def _bare(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
