"""What a call costs: USD for a million tokens, by model.

As read on Anthropic's price list in November 2026: Sonnet 5.5 and Haiku 5.5, half of it in batches, writing
to the cache at a quarter more. What reading Haiku's cache costs was not there: a tenth of its input is taken.
"""

from dataclasses import dataclass

from extractor.claude.request import Usage


@dataclass(frozen=True)
class Price:
    """USD for a million tokens."""

    input: float
    output: float
    cache_read: float

    @property
    def cache_write(self) -> float:
        """Of what is written to the cache for five minutes."""
        return 1.25 * self.input


PRICES = {
    "claude-sonnet-5-5": Price(2.0, 10.0, 0.10),
    "claude-haiku-5-5": Price(0.10, 0.50, 0.01),
}
"""By the beginning of the model's name."""

_DEAREST = max(PRICES.values(), key=lambda price: price.output)
_IN_BATCH = 0.5


def is_priced(model: str) -> bool:
    """Whether the price of the model is known; else the dearest known one stands in for it."""
    return any(model.startswith(name) for name in PRICES)


def cost_usd(model: str, usage: Usage, *, in_batch: bool) -> float:
    """What a call cost."""
    price = next((price for name, price in PRICES.items() if model.startswith(name)), _DEAREST)
    full = (
        usage.input_tokens * price.input
        + usage.output_tokens * price.output
        + usage.cache_read_tokens * price.cache_read
        + usage.cache_write_tokens * price.cache_write
    )
    return full / 1_000_000 * (_IN_BATCH if in_batch else 1.0)
