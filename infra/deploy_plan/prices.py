"""Google's list prices, each with the page that it is from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict


class Price(BaseModel):
    """What one unit costs in a month, after those that are free."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    usd: float
    per: str
    free: float = 0
    page: str
    read: str

    def of(self, amount: float, *, free: bool = True) -> float:
        """What `amount` of it costs; without `free` as if nothing were."""
        return max(0.0, amount - (self.free if free else 0)) * self.usd


class Measured(BaseModel):
    """What some pushes amounted to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pushes: int
    events: int
    requests: int
    log_bytes: int
    event_bytes: int


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    read_on: date
    prices: dict[str, Price]
    measured: Measured


@dataclass(frozen=True)
class Prices:
    """All of them."""

    read_on: date
    by_name: Mapping[str, Price]
    measured: Measured

    def __getitem__(self, name: str) -> Price:
        return self.by_name[name]


def load_prices() -> Prices:
    """Those of prices.yaml."""
    file = _File.model_validate(
        yaml.safe_load(Path(__file__).with_name("prices.yaml").read_text(encoding="utf-8"))
    )
    return Prices(file.read_on, file.prices, file.measured)
