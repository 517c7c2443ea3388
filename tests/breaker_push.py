"""A push that brings a circuit breaker, a Claude that sees it, and what comes of that."""

from fakes.claude_world import ScriptedClaude, answered, claims

from devnexus.knowledge.fold import fold

BREAKER = """class CircuitBreaker:
    def call(self, function):
        if self.failures > 3:
            raise RuntimeError("open")
        return function()
"""
QUOTE = "class CircuitBreaker:"
SAYS = claims(("circuit-breaker", QUOTE))


def claude(content=SAYS, **options):
    return ScriptedClaude(lambda _: answered(content, **options))


def silent(answer):
    return ScriptedClaude(lambda _: answer)


def new_breaker(world):
    return world.has([{"README.md": "Shop\n"}, {"src/breaker.py": BREAKER}])


def standing(*records):
    return fold(records).project().standing_patterns


def receipt(record):
    return record.receipt.claude
