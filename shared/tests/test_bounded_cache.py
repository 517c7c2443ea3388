"""The cache of what never changes."""

from devnexus.knowledge.stores.bounded_cache import BoundedCache


def test_the_longest_unused_is_forgotten_first() -> None:
    cache = BoundedCache[bytes](10, size=len)
    cache.put("a", b"1234")
    cache.put("b", b"1234")
    assert cache.get("a") == b"1234"
    cache.put("c", b"1234")
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (b"1234", None, b"1234")


def test_what_is_put_twice_counts_once_and_what_is_too_large_is_not_kept() -> None:
    cache = BoundedCache[bytes](10, size=len)
    for _ in range(5):
        cache.put("a", b"12345")
    cache.put("b", b"12345")
    assert cache.get("a") == b"12345"
    cache.put("large", b"1" * 11)
    assert cache.get("large") is None
    cache.put("c", b"1")
    assert cache.get("c") == b"1", "and it left its room free"


def test_what_only_fills_free_room_forgets_nothing() -> None:
    cache = BoundedCache[bytes](10, size=len)
    cache.put("a", b"123456")
    cache.put_if_room("b", b"12345")
    cache.put_if_room("c", b"1234")
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (b"123456", None, b"1234")
