"""One line for each call that Claude answered: what it took, and what it cost."""

import logging

from extractor.claude.calls import Call
from extractor.claude.request import Usage

_log = logging.getLogger(__name__)


def log_paid(call: Call, usage: Usage, cost_usd: float) -> None:
    """Log it once it is kept, so that no call is told twice; nothing of what was asked or answered."""
    _log.info(
        "Claude answered",
        extra={
            "repository": call.name,
            "model": call.model,
            "asked": "batch" if call.in_batch else "live",
            "cost_usd": round(cost_usd, 6),
            **usage.model_dump(),
        },
    )
