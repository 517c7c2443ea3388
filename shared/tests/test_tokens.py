"""A token that was verified is believed again without asking, for a while and not past its end."""

import asyncio
import time

import pytest
from fakes.issuer import AUDIENCE, GOOGLE, key, token

from devnexus.identity import tokens as tokens_module
from devnexus.identity.proven import NotVerified
from devnexus.identity.tokens import REMEMBERED_SECONDS, Tokens


class Asked:
    """Keys that count how often they are asked for."""

    def __init__(self):
        self.times = 0

    async def key(self, id_):
        return self.key_in_thread(id_)

    def key_in_thread(self, id_):
        self.times += 1
        return key(id_).public_key()


class Gate:
    def __init__(self, waits):
        self.waits = waits
        self.keys = Asked()
        self.now = time.time()
        self.tokens = Tokens({GOOGLE: self.keys}, audiences=[AUDIENCE], clock=lambda: self.now)

    def name(self, text):
        if self.waits == "in a thread":
            return self.tokens.identity_in_thread(text).name
        return asyncio.run(self.tokens.identity(text)).name


@pytest.fixture(params=["as a task", "in a thread"])
def gate(request):
    return Gate(request.param)


def test_a_token_is_verified_once_and_again_after_five_minutes(gate):
    ana = token()
    assert {gate.name(ana) for _ in range(10)} == {"ana@example.com"}
    assert gate.keys.times == 1
    gate.now += REMEMBERED_SECONDS
    gate.name(ana)
    assert gate.keys.times == 2


def test_a_token_is_not_believed_past_its_end(gate):
    ana = token(exp=int(gate.now) + 60)
    gate.name(ana)
    gate.now += 61
    gate.name(ana)
    assert gate.keys.times == 2


def test_clocks_may_differ_by_the_leeway_and_no_more(gate):
    assert gate.name(token(exp=int(gate.now) - 1)) == "ana@example.com"
    with pytest.raises(NotVerified, match="expired"):
        gate.name(token(exp=int(gate.now) - 31))


def test_what_failed_is_not_remembered_and_no_other_token_profits(gate):
    ana = token()
    gate.name(ana)
    for _ in range(2):
        with pytest.raises(NotVerified):
            gate.name(ana[:-4] + "AAAA")
    assert gate.keys.times == 3


def test_so_many_tokens_are_remembered_and_no_more(gate, monkeypatch):
    monkeypatch.setattr(tokens_module, "_MOST_REMEMBERED", 2)
    first, *others = (token(sub=str(number)) for number in range(4))
    for text in (first, *others):
        gate.name(text)
    assert len(gate.tokens._remembered) == 2
    gate.name(first)
    assert gate.keys.times == 5
