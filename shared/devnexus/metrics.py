"""The metrics as data, from `metrics.yaml`: which log lines are counted, and what of them is measured."""

import re
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, Self

import yaml
from pydantic import Field, model_validator

from devnexus.values import Value

Kind = Literal["counter", "distribution", "gauge"]
Unit = Literal["1", "ms"]
Label = Literal["service", "event_type", "outcome", "subject", "claude", "model", "asked", "channel", "skill"]
"""Fields with few values, whoever sends what. Never an id or a repository: each value costs a series."""

EVERY_SERVICE = "*"
OTHER = "other"
"""What a field says that has few values, where it is none of them."""

_ENDINGS = {"ms": "_seconds"}
_TOTAL = "_total"
_NAME = re.compile(r"devnexus(_[a-z]+)+")


class Buckets(Value):
    """Upper bounds of a distribution, in the unit of its field: each is twice the one before."""

    scale: Annotated[int, Field(ge=1)]
    count: Annotated[int, Field(ge=1, le=50)]

    @property
    def bounds(self) -> tuple[int, ...]:
        """All of them; beyond the last one is the rest."""
        return tuple(self.scale * 2**step for step in range(self.count))


class Metric(Value):
    """One figure, and the log lines that it is made of."""

    name: str
    about: str
    kind: Kind
    unit: Unit
    service: str
    """Who logs the line; EVERY_SERVICE: several do."""
    logger: str
    message: str
    """The whole text of the line, always the same."""
    value: str | None = None
    """A field of the line that holds a number; None: the lines are counted."""
    labels: tuple[Label, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name} is no name of a metric of ours: devnexus_<words>")
        if self.name.endswith(_TOTAL) != (self.kind == "counter"):
            raise ValueError(f"{self.name}: the names of counters, and no others, end in {_TOTAL}")
        if self.kind != "counter" and not self.name.endswith(_ENDINGS.get(self.unit, "")):
            raise ValueError(f"{self.name}: in {self.unit}, so its name ends in {_ENDINGS[self.unit]}")
        if self.value is None and (self.kind, self.unit) != ("counter", "1"):
            raise ValueError(f"{self.name}: without a value lines are counted, so it is a counter in 1")
        if ("service" in self.labels) != (self.service == EVERY_SERVICE):
            raise ValueError(f"{self.name}: service is a label where several log it, and nowhere else")
        return self


class Metrics(Value):
    """All of them."""

    buckets: dict[Unit, Buckets]
    metrics: tuple[Metric, ...]

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [metric.name for metric in self.metrics]
        if len(names) != len(set(names)):
            raise ValueError("two metrics have one name")
        for metric in self.metrics:
            if metric.kind == "distribution" and metric.unit not in self.buckets:
                raise ValueError(f"{metric.name}: no buckets for {metric.unit}")
        return self

    def of(self, service: str) -> tuple[Metric, ...]:
        """Those that this service's lines move."""
        return tuple(metric for metric in self.metrics if metric.service in {service, EVERY_SERVICE})


@cache
def load_metrics() -> Metrics:
    """The metrics of this version of the code."""
    text = files("devnexus").joinpath("metrics.yaml").read_text(encoding="utf-8")
    return Metrics.model_validate(yaml.safe_load(text))
