"""Google's keys: there at once for those who name a known one, whatever Google does meanwhile."""

import asyncio
from functools import partial

import pytest
from fakes.issuer import Certificates, key, key_set, published

from devnexus.errors import Unavailable
from devnexus.identity.google_keys import fetch_google_keys
from devnexus.identity.issuer_keys import FetchedKeys
from devnexus.identity.key_set import read_key_set
from devnexus.outbound import Outbound
from devnexus.values import canonical_json


class Google:
    """Google's certificates, the keys that were fetched of them, and the clock between them."""

    def __init__(self, certificates, waits="as a task", **patience):
        self.certificates = certificates
        self.waits = waits
        self.now = 1000.0
        outbound = Outbound(allow_private=True, seconds=5)
        fetch = partial(fetch_google_keys, outbound, certificates.address)
        self.keys = FetchedKeys(fetch, clock=lambda: self.now, **patience)

    def has(self, id_):
        if self.waits == "in a thread":
            return self.keys.key_in_thread(id_) is not None
        return asyncio.run(self.keys.key(id_)) is not None

    def settle(self):
        """Wait until what is fetched meanwhile is there."""
        self.keys._thread.submit(lambda: None).result(10)


@pytest.fixture(params=["as a task", "in a thread"])
def google(request):
    with Certificates("a") as certificates:
        yield Google(certificates, request.param)


def test_keys_are_fetched_once_and_kept_as_long_as_google_says(google):
    google.certificates.cache_control = "public, max-age=600, must-revalidate"
    assert google.has("a")
    google.now += 599
    assert google.has("a")
    assert google.certificates.asked == 1
    google.now += 2
    google.certificates.names = ("b",)
    assert google.has("a")
    google.settle()
    assert google.certificates.asked == 2
    assert google.has("b") and not google.has("a")


def test_a_key_that_google_began_to_use_is_found_and_made_up_ones_ask_once_a_minute(google):
    assert google.has("a")
    google.certificates.names = ("a", "b")
    assert not any(google.has(f"made up {number}") for number in range(20))
    assert google.certificates.asked == 1
    google.now += 60
    assert google.has("b")
    assert google.certificates.asked == 2


def test_who_names_a_known_key_does_not_wait_for_who_names_another(google):
    assert google.has("a")
    google.now += 60
    google.certificates.go_on.clear()

    async def main():
        unknown = asyncio.create_task(google.keys.key("b"))
        await asyncio.sleep(0.05)
        known = [await asyncio.wait_for(google.keys.key("a"), 1) for _ in range(3)]
        assert all(known) and not unknown.done()
        google.certificates.go_on.set()
        assert await unknown is None

    asyncio.run(main())


def test_who_waits_for_a_key_does_not_wait_for_ever(google):
    google = Google(google.certificates, google.waits, patience_seconds=0.05)
    google.certificates.go_on.clear()
    with pytest.raises(Unavailable, match="does not answer"):
        google.has("a")
    google.certificates.go_on.set()
    google.settle()
    assert google.has("a")


def test_many_who_come_first_cause_one_question(google):
    async def main():
        return await asyncio.gather(*(google.keys.key("a") for _ in range(50)))

    assert all(asyncio.run(main()))
    assert google.certificates.asked == 1


def test_while_google_is_down_the_last_keys_are_kept_and_new_ones_cannot_be_judged(google):
    assert google.has("a")
    google.certificates.status = 503
    google.now += 3600
    assert google.has("a")
    google.settle()
    assert google.has("a")
    with pytest.raises(Unavailable):
        google.has("b")
    assert google.certificates.asked == 2
    google.certificates.status = 200
    google.now += 60
    assert not google.has("b")


def test_without_any_key_google_is_asked_again_after_a_moment(google):
    google.certificates.status = 500
    for _ in range(3):
        with pytest.raises(Unavailable, match="status 500"):
            google.has("a")
    assert google.certificates.asked == 1
    google.certificates.status = 200
    google.now += 5
    assert google.has("a")


@pytest.mark.parametrize("body", [b"{}", b'{"keys": []}', b"[" * 50_000, b"\xff", b'{"keys": [{"kty": 1}]}'])
def test_an_answer_that_holds_no_keys_takes_none_away(google, body):
    assert google.has("a")
    google.certificates.body = body
    google.now += 3601
    google.has("a")
    google.settle()
    assert google.has("a")


def test_only_keys_for_rs256_are_taken_from_a_set():
    odd = [
        {**published("b"), "alg": "PS256"},
        {**published("c"), "use": "enc"},
        {**published("d"), "kty": "oct", "k": "c2VjcmV0"},
        {**published("e"), "n": "!"},
        {**published("f"), "n": published("f")["n"][:100]},
        {**published("g"), "kid": ""},
    ]
    keys = read_key_set(canonical_json({"keys": [*odd, *key_set("a")["keys"]]}))
    assert {id_: found.public_numbers() for id_, found in keys.items()} == {
        "a": key("a").public_key().public_numbers()
    }
