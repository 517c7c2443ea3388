"""Descriptions of fields in JSON Schema come from the docstrings under them."""

from pydantic import BaseModel, Field

from devnexus.described_schema import DescribedSchema, descriptions


class Part(BaseModel):
    size: int
    """How large
    it is."""
    name: str = ""


class Whole(Part):
    part: Part
    """What it has."""
    size: int
    other: str = Field("", description="Said twice.")
    """Said first."""


def test_a_field_is_described_by_the_docstring_under_it_wherever_its_model_stands():
    schema = Whole.model_json_schema(schema_generator=DescribedSchema)

    assert schema["properties"]["part"] == {"$ref": "#/$defs/Part", "description": "What it has."}
    assert schema["$defs"]["Part"]["properties"]["size"]["description"] == "How large\nit is."
    assert "description" not in schema["$defs"]["Part"]["properties"]["name"]
    assert schema["properties"]["other"]["description"] == "Said first. Said twice."


def test_what_was_said_of_a_field_does_not_hold_for_the_one_in_its_place():
    assert descriptions(Part) == {"size": "How large\nit is."}
    assert "size" not in descriptions(Whole)
