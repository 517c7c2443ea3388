"""JSON Schema of what skills are given and answer, as agents should read it."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, get_type_hints

from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from a2a_gateway.answer import Answer, Input
from a2a_gateway.described.shapes import Age, Stamp
from devnexus.described_schema import DescribedSchema, descriptions

Schema = dict[str, object]
"""A JSON Schema."""

_LOCAL = "#/$defs/"


class _ForReaders(DescribedSchema):
    """Fields under their own names with the others that are taken; an answer always has all of its fields."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """No: a title that only repeats the name."""
        return False

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,
    ) -> bool:
        """Whether it is always there."""
        if self.mode == "serialization" and field["type"] == "model-field":
            return field.get("serialization_exclude_if") is None
        return super().field_is_required(field, total)

    def model_fields_schema(self, schema: core_schema.ModelFieldsSchema) -> JsonSchemaValue:
        """The fields of one model."""
        shaped = super().model_fields_schema(schema)
        for name, field in schema["fields"].items():
            if self.mode == "validation" and (others := _other_names(name, field)):
                said = shaped["properties"][name]
                also = f"Also taken as {' or '.join(f'`{other}`' for other in others)}."
                said["description"] = " ".join(filter(None, (said.get("description"), also)))
        return shaped

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """One model. That more fields may come is for whoever reads an answer to know."""
        shaped = super().model_schema(schema)
        if self.mode == "serialization" and shaped.get("additionalProperties") is False:
            del shaped["additionalProperties"]
        return shaped


def input_schema(kind: type[Input]) -> Schema:
    """What a skill takes, in one piece: nothing in it refers to elsewhere. All get the same one, to read."""
    return _input_schema(kind)


@cache
def _input_schema(kind: type[Input]) -> Schema:
    schema = kind.model_json_schema(by_alias=False, schema_generator=_ForReaders)
    parts = schema.get("$defs", {})
    fields = {name: _inlined(field, parts) for name, field in schema.get("properties", {}).items()}
    return {"type": "object", "properties": fields, "required": schema.get("required", [])}


def answer_schema(kind: type[Answer], *, stamp: type[Age] = Stamp) -> Schema:
    """What a skill answers when it can, with the stamp; parts that are answered are in `$defs`."""
    return stamped(kind, stamp).model_json_schema(mode="serialization", schema_generator=_ForReaders)


def component_schemas(
    taken: Iterable[type[BaseModel]], told: Iterable[type[BaseModel]]
) -> tuple[Mapping[type[BaseModel], Schema], Schema]:
    """A reference to each model, and what they refer to: name → schema, one name for each, for OpenAPI."""
    modes: Sequence[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((model, "validation") for model in dict.fromkeys(taken)),
        *((model, "serialization") for model in dict.fromkeys(told)),
    ]
    found, schema = models_json_schema(
        modes,
        by_alias=False,
        ref_template="#/components/schemas/{model}",
        schema_generator=_ForReaders,
    )
    return {model: found[model, mode] for model, mode in modes}, schema.get("$defs", {})


def stamped(kind: type[Answer], stamp: type[Age] = Stamp) -> type[Answer]:
    """`kind` with the fields that every answer gets at last; those of the same name are its own."""
    said = descriptions(stamp)
    # pydantic types the fields of a model that is made as Any
    fields: Any = {
        name: (annotation, Field(description=said.get(name)))
        for name, annotation in get_type_hints(stamp, include_extras=True).items()
        if name in stamp.model_fields and name not in kind.model_fields
    }
    return create_model(
        kind.__name__, __base__=kind, __module__=kind.__module__, __doc__=kind.__doc__, **fields
    )


def _other_names(name: str, field: core_schema.ModelField) -> list[str]:
    match field.get("validation_alias"):
        case str(alias):
            aliases = {alias}
        case list(paths):
            aliases = {str(path[0]) for path in paths if isinstance(path, list) and len(path) == 1}
        case _:
            aliases = set()
    return sorted(aliases - {name})


def _inlined(schema: object, parts: Mapping[str, object]) -> object:
    match schema:
        case {"$ref": str(reference), **beside} if reference.startswith(_LOCAL):
            whole = _inlined(parts[reference.removeprefix(_LOCAL)], parts)
            assert isinstance(whole, dict)
            return {**whole, **beside}
        case dict():
            return {name: _inlined(value, parts) for name, value in schema.items()}
        case list():
            return [_inlined(one, parts) for one in schema]
    return schema
