"""What all of GitHub's answers have in common on the wire: typed at the edge, unknown fields ignored."""

from pydantic import BaseModel, ConfigDict


class Wire(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")
