"""What a call costs."""

import pytest

from extractor.claude.prices import cost_usd, is_priced, priced_as
from extractor.claude.request import Usage

USAGE = Usage(input_tokens=20_000, output_tokens=2_000, cache_read_tokens=10_000, cache_write_tokens=4_000)


def test_each_kind_of_token_has_its_price_and_a_batch_is_half():
    assert cost_usd("claude-sonnet-5-5", USAGE, in_batch=False) == pytest.approx(0.04 + 0.02 + 0.001 + 0.01)
    assert cost_usd("claude-sonnet-5-5", USAGE, in_batch=True) == pytest.approx(0.0355)


def test_a_long_prompt_to_haiku_costs_five_times_as_much_cached_or_not():
    short, long = Usage(cache_read_tokens=100_000), Usage(cache_read_tokens=100_001)
    assert cost_usd("claude-haiku-5-5", short, in_batch=False) == pytest.approx(0.001)
    assert cost_usd("claude-haiku-5-5", long, in_batch=False) == pytest.approx(0.005, rel=1e-4)


def test_a_date_may_follow_the_name_of_a_model():
    assert priced_as("claude-sonnet-5-20260601") == "claude-sonnet-5"
    assert priced_as("claude-sonnet-5-5-20260901") == "claude-sonnet-5-5"


@pytest.mark.parametrize("model", ["claude-sonnet-6", "claude-sonnet-5-50", "claude-sonnet-5-5-fast", ""])
def test_an_unknown_model_costs_what_the_dearest_does_and_never_nothing(model):
    assert not is_priced(model)
    assert cost_usd(model, Usage(input_tokens=1_000_000), in_batch=False) == 10.0
