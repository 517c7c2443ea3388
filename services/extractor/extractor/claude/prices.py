"""What a call costs: USD for a million tokens, by model.

As of October 2026 on https://platform.claude.com/docs/en/about-claude/pricing. Writing to the cache for five
minutes costs a quarter more than input, and everything half in batches.
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
    "claude-fable-5-1": Price(10.0, 50.0, 0.25),
    "claude-opus-5": Price(5.0, 25.0, 0.50),
    "claude-opus-5-5": Price(4.0, 20.0, 0.20),
    "claude-sonnet-5": Price(2.0, 10.0, 0.20),
    "claude-sonnet-5-5": Price(2.0, 10.0, 0.10),
    "claude-haiku-5-5": Price(0.10, 0.50, 0.01),
}
"""By name; a date may follow it."""

_LONG_PROMPTS = {"claude-haiku-5-5": Price(0.50, 2.50, 0.05)}
"""What all of a call costs whose prompt is long."""
_LONG_PROMPT_TOKENS = 100_000

_DEAREST = max(PRICES, key=lambda name: PRICES[name].output)
_IN_BATCH = 0.5


def priced_as(model: str) -> str:
    """The model whose price is taken: the dearest known one for a model that has none here."""
    return _known(model) or _DEAREST


def is_priced(model: str) -> bool:
    """Whether the price of the model is known."""
    return _known(model) is not None


def cost_usd(model: str, usage: Usage, *, in_batch: bool) -> float:
    """What a call cost; that of an unknown model is rather too much than too little."""
    name = priced_as(model)
    prompt = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    price = PRICES[name]
    if prompt > _LONG_PROMPT_TOKENS:
        price = _LONG_PROMPTS.get(name, price)
    full = (
        usage.input_tokens * price.input
        + usage.output_tokens * price.output
        + usage.cache_read_tokens * price.cache_read
        + usage.cache_write_tokens * price.cache_write
    )
    return full / 1_000_000 * (_IN_BATCH if in_batch else 1.0)


def _known(model: str) -> str | None:
    """Only a date may follow a name: a `-5` more is another model."""
    return next((name for name in PRICES if model == name or _is_dated(model, name)), None)


def _is_dated(model: str, name: str) -> bool:
    date = model.removeprefix(f"{name}-")
    return date != model and len(date) == len("20261128") and date.isdecimal()
