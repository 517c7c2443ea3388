"""The Terraform of infra/ as data: what is declared, and what each expression refers to."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import hcl2

INFRA = Path(__file__).parents[2] / "infra"

_ADDRESS = re.compile(
    r"(?<![\w.\"])(?:(?P<kind>var|local)\.(?P<name>\w+)"
    r"|(?P<prefix>data\.|ephemeral\.)?(?P<type>(?:google|random)_\w+)\.(?P<label>\w+))"
)


@cache
def parsed() -> dict[str, dict]:
    """File name → its tree."""
    return {file.name: hcl2.loads(file.read_text()) for file in sorted(INFRA.glob("*.tf"))}


def blocks(kind: str) -> Iterator[tuple[str, dict]]:
    """Every block of a kind, such as `variable`, `resource`: its address and its body."""
    for tree in parsed().values():
        for block in tree.get(kind, []):
            yield from _addressed(kind, block)


def _addressed(kind: str, block: dict) -> Iterator[tuple[str, dict]]:
    for label, body in _own(block):
        if kind in {"variable", "output", "provider"}:
            yield bare(label), body
        elif kind == "locals":
            yield label, {"value": body}
        else:
            prefix = "" if kind == "resource" else f"{kind}."
            yield from ((f"{prefix}{bare(label)}.{bare(name)}", inner) for name, inner in _own(body))


def declared() -> set[str]:
    """The addresses of all variables, locals, resources, data sources and ephemeral values."""
    return {
        *(f"var.{name}" for name, _ in blocks("variable")),
        *(f"local.{name}" for name, _ in blocks("locals")),
        *(address for kind in ("resource", "data", "ephemeral") for address, _ in blocks(kind)),
    }


def referred() -> set[str]:
    """The addresses that expressions name, wherever they stand."""
    return {address for tree in parsed().values() for text in texts(tree) for address in addresses(text)}


def addresses(text: str) -> Iterator[str]:
    """The addresses in one expression, or in a text with expressions in it."""
    for found in _ADDRESS.finditer(_expressions(text)):
        if found["kind"]:
            yield f"{found['kind']}.{found['name']}"
        else:
            yield f"{found['prefix'] or ''}{found['type']}.{found['label']}"


def texts(tree: object) -> Iterator[str]:
    """Every text in a tree but comments."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        for _, value in _own(tree):
            yield from texts(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from texts(value)


def bare(text: str) -> str:
    """A text without the quotes that the parser leaves around it."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _own(tree: dict) -> list[tuple[str, object]]:
    return [(key, value) for key, value in tree.items() if not re.fullmatch(r"__\w+__", key)]


def _expressions(text: str) -> str:
    """Only what is evaluated: of a quoted text what stands in `${…}`."""
    return " ".join(re.findall(r"\$\{(.*)\}", text, re.DOTALL)) if text.startswith('"') else text
