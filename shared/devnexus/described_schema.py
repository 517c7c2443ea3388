"""JSON Schema in which the docstring under a field is its description.

pydantic's `use_attribute_docstrings` does that too, but reads the source of every class while it is made: a
third of what a service with many of them takes to start. Here it is read when a schema is asked for.
"""

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema


class DescribedSchema(GenerateJsonSchema):
    """For `model_json_schema(schema_generator=…)`."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """One model."""
        shaped = super().model_schema(schema)
        fields = shaped.get("properties", {})
        for name, text in descriptions(schema["cls"]).items():
            if name in fields:
                others = fields[name].get("description", "")
                fields[name]["description"] = f"{text} {others}".strip()
        return shaped


def descriptions(model: type[BaseModel]) -> Mapping[str, str]:
    """Field → the docstring under it, in `model` or in the one that it has the field from."""
    said: dict[str, str | None] = {}
    for kind in reversed(model.__mro__):
        if issubclass(kind, BaseModel) and not kind.__module__.startswith("pydantic."):
            said |= _said_in(kind.__module__).get(kind.__name__, {})
    return {name: text for name, text in said.items() if text}


@cache
def _said_in(module: str) -> Mapping[str, Mapping[str, str | None]]:
    """Class → field → what is said of it."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {one.name: dict(_fields(one.body)) for one in tree.body if isinstance(one, ast.ClassDef)}


def _fields(body: Sequence[ast.stmt]) -> Iterator[tuple[str, str | None]]:
    for one, below in pairwise([*body, ast.Pass()]):
        match one, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)
            case ast.AnnAssign(target=ast.Name(id=name)), _:
                yield name, None
